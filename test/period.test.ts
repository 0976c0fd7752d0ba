import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { Temporal as Polyfill } from 'temporal-polyfill/implementation'
import { Calendar } from '../src/period.ts'
import { HOUR_MS, hourOf, type Span } from '../src/time.ts'
import { daysOf, isTimeZone, spanOf } from '../src/time-zone.ts'

const NOW = Date.UTC(2026, 10, 21, 12, 10)
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Africa/Casablanca',
]

/** Today's date in a zone. */
const dayOf = (now: number, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate().toString()

const hours = (from: string, to: string): Span => ({
  from: Math.floor(Date.parse(from) / HOUR_MS),
  to: Math.floor(Date.parse(to) / HOUR_MS),
})

const cases: [period: string, zone: string, from: string, to: string][] = [
  ['today', 'UTC', '2026-11-21T00Z', '2026-11-22T00Z'],
  ['yesterday', 'UTC', '2026-11-20T00Z', '2026-11-21T00Z'],
  ['month', 'UTC', '2026-11-01T00Z', '2026-12-01T00Z'],
  ['year', 'UTC', '2026-01-01T00Z', '2027-01-01T00Z'],
  ['24h', 'UTC', '2026-11-20T12Z', '2026-11-21T13Z'],
  ['7d', 'UTC', '2026-11-14T12Z', '2026-11-21T13Z'],
  ['30d', 'UTC', '2026-10-22T12Z', '2026-11-21T13Z'],
  ['90d', 'UTC', '2026-08-23T12Z', '2026-11-21T13Z'],
  ['365d', 'UTC', '2025-11-21T12Z', '2026-11-21T13Z'],
  // It is a Saturday, and weeks begin on Monday.
  ['week', 'UTC', '2026-11-16T00Z', '2026-11-23T00Z'],
  ['last-week', 'UTC', '2026-11-09T00Z', '2026-11-16T00Z'],
  ['week', 'America/New_York', '2026-11-16T05Z', '2026-11-23T05Z'],
  ['last-month', 'UTC', '2026-10-01T00Z', '2026-11-01T00Z'],
  // The clock was set back in it.
  ['last-month', 'Europe/Berlin', '2026-09-30T22Z', '2026-10-31T23Z'],
  ['2024-02', 'UTC', '2024-02-01T00Z', '2024-03-01T00Z'],
  ['2024-02-29', 'UTC', '2024-02-29T00Z', '2024-03-01T00Z'],
  ['today', 'Pacific/Auckland', '2026-11-21T11Z', '2026-11-22T11Z'],
  ['today', 'America/New_York', '2026-11-21T05Z', '2026-11-22T05Z'],
  // Days in which the clock is changed have 23, 25 and 23 and a half hours.
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23Z', '2026-03-29T22Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-24T22Z', '2026-10-25T23Z'],
  ['2026-10-04', 'Australia/Lord_Howe', '2026-10-03T13Z', '2026-10-04T13Z'],
  ['2026-03', 'Europe/Berlin', '2026-02-28T23Z', '2026-03-31T22Z'],
  // A day that begins within an hour begins with that hour.
  ['2026-11-20', 'Asia/Kolkata', '2026-11-19T18Z', '2026-11-20T18Z'],
  // Where the clock is put forward at midnight, the day begins at one.
  ['2026-03-08', 'America/Havana', '2026-03-08T05Z', '2026-03-09T04Z'],
  // Samoa had no 30 December 2011: the span of that day is empty.
  ['2011-12-30', 'Pacific/Apia', '2011-12-30T10Z', '2011-12-30T10Z'],
]
for (const [period, zone, from, to] of cases) {
  test(`${period} in ${zone} is from ${from} to ${to}`, () => {
    const whole = (text: string) => text.replace('Z', ':00Z')
    assert.deepEqual(spanOf(period, zone, NOW), hours(whole(from), whole(to)))
  })
}

test('a day begins and ends at midnight in its zone', () => {
  const before = Date.parse('2026-03-28T22:59:59Z')
  const told = (now: number) => {
    const hour = Math.floor(now / HOUR_MS)
    return daysOf({ from: hour, to: hour + 1 }, 'Europe/Berlin', now, 9).map(({ day }) => day)
  }
  assert.deepEqual(told(before), ['2026-03-28'])
  assert.deepEqual(told(before + 1000), ['2026-03-29'])
})

const calendar = new Calendar('Europe/Berlin', 0)

test('without a period it is the total, in the zone of the instance', () => {
  for (const query of [{}, { period: '', within: '', tz: '' }, { period: 'total' }]) {
    const asked = calendar.read(query, NOW)
    assert.equal(asked.span, null)
    assert.equal(asked.period, 'total')
    assert.equal(asked.timeZone, 'Europe/Berlin')
  }
  const { span } = calendar.read({ period: 'today' }, NOW)
  assert.deepEqual(span, hours('2026-11-20T23:00Z', '2026-11-21T23:00Z'))
})

const withins: [within: string, hoursBack: number][] = [
  ['days=1', 24],
  ['days=1,minutes=30', 25],
  ['minutes=10', 0],
  ['minutes=11', 1],
  ['hours=2', 2],
  ['weeks=1, days=1', 192],
  ['days=1,days=1', 48],
]
for (const [within, hoursBack] of withins) {
  test(`within=${within} at 12:10 begins ${hoursBack} hours before this one`, () => {
    const thisHour = Math.floor(NOW / HOUR_MS)
    assert.deepEqual(calendar.read({ within }, NOW).span, {
      from: thisHour - hoursBack,
      to: thisHour + 1,
    })
  })
}

const wrong: [query: Record<string, unknown>, option: string][] = [
  [{ period: 'tomorrow' }, 'period'],
  [{ period: '24H' }, 'period'],
  [{ period: '2026-13' }, 'period'],
  [{ period: '2026-02-30' }, 'period'],
  [{ period: '2026-1' }, 'period'],
  [{ period: '02026' }, 'period'],
  [{ period: '2026-11-20T00' }, 'period'],
  [{ period: 'constructor' }, 'period'],
  [{ period: '__proto__' }, 'period'],
  [{ period: ['today', 'today'] }, 'period'],
  [{ period: 'today', within: 'days=1' }, 'period'],
  [{ within: 'days' }, 'within'],
  [{ within: 'days=' }, 'within'],
  [{ within: 'days=-1' }, 'within'],
  [{ within: 'days=1.5' }, 'within'],
  [{ within: 'days=0' }, 'within'],
  [{ within: 'years=1' }, 'within'],
  [{ within: 'constructor=1' }, 'within'],
  [{ within: 'days=1,' }, 'within'],
  [{ within: 'days=999999999' }, 'within'],
  [{ within: {} }, 'within'],
  [{ tz: 'Europe/Nowhere' }, 'tz'],
  [{ tz: '+02:00' }, 'tz'],
  [{ tz: '../etc/passwd' }, 'tz'],
  [{ tz: 'UTC\u0000' }, 'tz'],
  [{ tz: 'constructor' }, 'tz'],
  [{ tz: ['UTC', 'UTC'] }, 'tz'],
  [{ tz: `Europe/${'x'.repeat(5000)}` }, 'tz'],
]
for (const [query, option] of wrong) {
  test(`${JSON.stringify(query).slice(0, 50)} is refused as a bad ${option}`, () => {
    assert.throws(() => calendar.read(query, NOW), { code: 'bad_option', brief: `bad ${option}` })
  })
}

test('any text is a period or a refusal', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...'0123456789-=,dayshours') }),
  )
  fc.assert(
    fc.property(text, text, text, (period, within, tz) => {
      for (const query of [{ period }, { within }, { tz }]) {
        try {
          const { span } = calendar.read(query, NOW)
          assert.ok(span === null || span.from <= span.to)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'bad_option')
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('periods do not include time for which nothing is kept', () => {
  const kept = new Calendar('UTC', 2)
  const first = hours('2026-11-19T00:00Z', '2026-11-20T00:00Z').from
  assert.equal(kept.read({ period: '7d' }, NOW).span?.from, first)
  assert.deepEqual(kept.read({ period: '2026-10' }, NOW).span, { from: first, to: first })
  assert.equal(kept.span('today', 'UTC', NOW)?.from, first + 48)
  assert.equal(kept.read({}, NOW).span, null, 'the total is kept')
})

const zone = fc.constantFrom(...ZONES)
const pad = (number: number) => String(number).padStart(2, '0')

/** Asserts that spans follow each other without gaps or overlaps, and make up the whole. */
function assertParts(whole: Span, parts: (Span | null | undefined)[]): void {
  let at = whole.from
  for (const part of parts) {
    assert.ok(part)
    assert.equal(part.from, at)
    assert.ok(part.to >= part.from)
    at = part.to
  }
  assert.equal(at, whole.to)
}

test('the months of a year make up the year, and the days of a month the month, in any zone', () => {
  const date = fc.tuple(fc.integer({ min: 1970, max: 2100 }), fc.integer({ min: 1, max: 12 }))
  fc.assert(
    fc.property(date, zone, ([year, month], timeZone) => {
      const span = (period: string) => spanOf(period, timeZone, NOW)
      const months = Array.from({ length: 12 }, (_, index) => `${year}-${pad(index + 1)}`)
      assertParts(span(String(year)) as Span, months.map(span))
      const { daysInMonth } = new Temporal.PlainYearMonth(year, month)
      const name = `${year}-${pad(month)}`
      const days = Array.from({ length: daysInMonth }, (_, index) => `${name}-${pad(index + 1)}`)
      assertParts(span(name) as Span, days.map(span))
    }),
    { numRuns: 150 },
  )
})

test('yesterday ends where today begins; today equals the day of its date, and includes this hour', () => {
  const time = fc.integer({ min: 0, max: Date.UTC(2100, 0) })
  fc.assert(
    fc.property(time, zone, (now, timeZone) => {
      const span = (period: string) => spanOf(period, timeZone, now) as Span
      const today = span('today')
      assert.equal(span('yesterday').to, today.from)
      assert.equal(span('last-week').to, span('week').from)
      assert.equal(span('last-month').to, span('month').from)
      const monday = Temporal.Instant.fromEpochMilliseconds((span('week').from + 1) * HOUR_MS)
      assert.equal(monday.toZonedDateTimeISO(timeZone).dayOfWeek, 1)
      const hour = Math.floor(now / HOUR_MS)
      const name = dayOf(now, timeZone)
      for (const [present, part] of [
        ['today', name],
        ['month', name.slice(0, 7)],
        ['year', name.slice(0, 4)],
      ] as const) {
        const { from, to } = span(part)
        // An hour in which a day ends belongs to the next day, but this moment belongs to today.
        assert.deepEqual(span(present), { from, to: Math.max(to, hour + 1) })
        assert.ok(from <= hour && hour <= to)
      }
      for (const outer of ['week', 'month', 'year']) {
        assert.ok(span(outer).from <= today.from && today.to <= span(outer).to)
      }
    }),
    { numRuns: 500 },
  )
})

test('a week that begins today is this week, and one that ended yesterday is last week', () => {
  const monday = Date.UTC(2026, 10, 23)
  assert.deepEqual(spanOf('week', 'UTC', monday), hours('2026-11-23T00:00Z', '2026-11-30T00:00Z'))
  assert.deepEqual(
    spanOf('week', 'UTC', monday - 1),
    hours('2026-11-16T00:00Z', '2026-11-23T00:00Z'),
  )
  const january = Date.UTC(2027, 0, 1)
  const december = hours('2026-12-01T00:00Z', '2027-01-01T00:00Z')
  assert.deepEqual(spanOf('last-month', 'UTC', january), december)
})

test('a visit in the last hour of a day that ends within the hour belongs to that day', () => {
  const late = Date.parse('2026-01-15T23:40:00+05:30')
  const hour = Math.floor(late / HOUR_MS)
  for (const period of ['today', 'month', 'year']) {
    const { from, to } = spanOf(period, 'Asia/Kolkata', late) as Span
    assert.ok(from <= hour && hour < to, period)
  }
})

test('the days of a span follow each other and make it up; of too many, the last are returned', () => {
  const now = Date.UTC(2026, 10, 21, 12)
  const from = fc.integer({ min: 0, max: Math.floor(now / HOUR_MS) })
  fc.assert(
    fc.property(from, fc.nat(24 * 40), zone, (first, length, timeZone) => {
      const span = { from: first, to: first + length }
      const days = daysOf(span, timeZone, now, 1000)
      const tomorrow = Math.floor(now / HOUR_MS) + 24
      if (span.to <= tomorrow)
        assertParts(
          span,
          days.map((day) => day.span),
        )
      for (const { day, span: part } of days) {
        const { from, to } = spanOf(day, timeZone, now) as Span
        assert.deepEqual(part, { from: Math.max(from, first), to: Math.min(to, span.to) })
      }
      assert.deepEqual(daysOf(span, timeZone, now, 3), days.slice(-3))
    }),
    { numRuns: 200 },
  )
  assert.equal(daysOf({ from: -1e9, to: 1e9 }, 'UTC', now, 366).at(-1)?.day, '2026-11-22')
  assert.deepEqual(daysOf({ from: 5, to: 5 }, 'UTC', now, 9), [])
  assert.deepEqual(daysOf({ from: 1e8, to: 1e9 }, 'UTC', now, 9), [])
})

test('the polyfill calculates the same as Node’s Temporal', () => {
  const time = fc.integer({ min: 0, max: Date.UTC(2100, 0) })
  fc.assert(
    fc.property(time, zone, (now, timeZone) => {
      const date = Polyfill.Instant.fromEpochMilliseconds(now)
        .toZonedDateTimeISO(timeZone)
        .toPlainDate()
      assert.equal(date.toString(), dayOf(now, timeZone))
      const begins = date.toZonedDateTime(timeZone).epochMilliseconds
      assert.equal(Math.floor(begins / HOUR_MS), spanOf('today', timeZone, now)?.from)
    }),
    { numRuns: 200 },
  )
})

test('a time zone is a name that the system knows', () => {
  for (const name of [...ZONES, 'utc', 'Etc/GMT+5', 'CST6CDT']) assert.ok(isTimeZone(name), name)
  for (const name of [
    '',
    'Z',
    '+01:00',
    'Mars/Base',
    'Europe',
    'UTC ',
    'T00Z',
    'T00:00[Europe/Berlin]',
    'T00+01',
    '\u212aST',
  ]) {
    assert.ok(!isTimeZone(name), name)
    assert.ok(!isTimeZone(name), `${name}, asked again`)
  }
})

test('the latest days are adjacent, the last includes this moment, and none is cached for too long', () => {
  const calendar = new Calendar('UTC', 0)
  const zones = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns', 'Asia/Kathmandu']
  const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) })
  const unit = fc.constantFrom('days' as const, 'months' as const)
  fc.assert(
    fc.property(moment, fc.constantFrom(...zones), unit, (now, zone, unit) => {
      // First for an earlier time, so that the cache contains its days.
      calendar.latest(7, unit, zone, now - 11 * 60_000)
      const days = calendar.latest(7, unit, zone, now)
      const today = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short' }).format(
        now,
      )
      assert.equal(days.at(-1)?.day, unit === 'days' ? today : `${today.slice(0, 7)}-01`)
      const last = days.at(-1)?.span ?? { from: 0, to: 0 }
      assert.ok(last.from <= hourOf(now) && hourOf(now) < last.to)
      for (const [at, { span }] of days.slice(0, -1).entries()) {
        assert.ok(span.from < span.to)
        if (at < days.length - 2) assert.equal(span.to, days[at + 1]?.span.from)
      }
    }),
    { numRuns: 300 },
  )
})

test('the latest days do not include time for which nothing is kept', () => {
  const calendar = new Calendar('UTC', 2)
  const now = Date.UTC(2026, 10, 20, 12)
  const lengths = calendar.latest(5, 'days', 'UTC', now).map(({ span }) => span.to - span.from)
  assert.deepEqual(lengths, [0, 0, 24, 24, 24])
})
