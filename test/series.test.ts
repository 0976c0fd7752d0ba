import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Refusal } from '../src/refusal.ts'
import { type Kept, MAX_POINTS, readSeries, type Series, UNITS } from '../src/series.ts'
import { DAY_HOURS, DAY_MS, firstHourKept, HOUR_MS, hourOf } from '../src/time.ts'
import { startOfDay } from '../src/time-zone.ts'

const NOW = Date.UTC(2026, 10, 21, 12, 10)
const EVER: Kept = { timeZone: 'UTC', keepHoursDays: 0, keepHistoryDays: 0 }
const ZONES = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'America/St_Johns', 'Asia/Kathmandu'],
  ...['Australia/Lord_Howe', 'Pacific/Apia', 'Pacific/Kiritimati', 'Africa/Casablanca'],
]
const read = (query: Record<string, unknown>, kept = EVER, now = NOW) =>
  readSeries(query, kept, now)
const namesOf = ({ points }: Series) => points.map(({ name }) => name)
const ends = (series: Series) => [namesOf(series)[0], namesOf(series).at(-1), series.points.length]
const hoursOf = ({ points }: Series) => points.map(({ span }) => span.to - span.from)

test('by default, a series is of the last 30 days, 48 hours or 12 months', () => {
  assert.deepEqual(ends(read({})), ['2026-10-23', '2026-11-21', 30])
  assert.deepEqual(ends(read({ unit: 'day', from: '' })), ['2026-10-23', '2026-11-21', 30])
  assert.deepEqual(ends(read({ unit: 'month' })), ['2025-12', '2026-11', 12])
  const hours = read({ unit: 'hour', tz: 'Asia/Kathmandu' })
  assert.deepEqual(ends(hours), ['2026-11-19T18:45+05:45', '2026-11-21T17:45+05:45', 48])
})

for (const [what, query, wanted] of [
  ['days', { from: '2026-10-01', to: '2026-10-31' }, ['2026-10-01', '2026-10-31', 31]],
  ['a month', { from: '2024-02', to: '2024-02' }, ['2024-02-01', '2024-02-29', 29]],
  ['the last month', { from: '2026-11', to: '2026-11' }, ['2026-11-01', '2026-11-21', 21]],
  ['no begin', { to: '2026-10-31' }, ['2026-10-02', '2026-10-31', 30]],
  ['no end', { from: '2026-11-20' }, ['2026-11-20', '2026-11-21', 2]],
  ['the future', { from: '2026-11-20', to: '2027-01-01' }, ['2026-11-20', '2026-11-21', 2]],
  [
    'moments',
    { from: '2026-10-01T23:30Z', to: '2026-10-03T00:00:00.000+02:00', tz: 'Europe/Berlin' },
    ['2026-10-02', '2026-10-03', 2],
  ],
  [
    'hours of a day',
    { unit: 'hour', from: '2026-11-20', to: '2026-11-20' },
    ['2026-11-20T00:00Z', '2026-11-20T23:00Z', 24],
  ],
  [
    'an offset whose plus is not encoded',
    { unit: 'hour', from: '2026-11-20T05:00 01:00', to: '2026-11-20T06:00+01:00' },
    ['2026-11-20T04:00Z', '2026-11-20T05:00Z', 2],
  ],
  ['months', { unit: 'month', from: '2017-01-15', to: '2026-12' }, ['2017-01', '2026-11', 119]],
] as const) {
  test(`from and to name the first and the last point: ${what}`, () => {
    const series = read(query)
    assert.deepEqual(
      ends(series).map((end) => String(end).replace('+00:00', 'Z')),
      wanted.map(String),
    )
  })
}

test('a day in which the clock is changed has 23 or 25 hours, each with a name of its own', () => {
  const tz = 'Europe/Berlin'
  assert.deepEqual(hoursOf(read({ from: '2026-03-28', to: '2026-03-30', tz })), [24, 23, 24])
  assert.deepEqual(hoursOf(read({ from: '2026-10-24', to: '2026-10-26', tz })), [24, 25, 24])
  const hours = namesOf(read({ unit: 'hour', from: '2026-10-25', to: '2026-10-25', tz }))
  assert.equal(hours.length, 25)
  assert.deepEqual(hours.slice(2, 4), ['2026-10-25T02:00+02:00', '2026-10-25T02:00+01:00'])
  assert.equal(read({ unit: 'hour', from: '2026-03-29', to: '2026-03-29', tz }).points.length, 23)
})

test('a day that a zone has left out has no point', () => {
  const series = read({ from: '2011-12-29', to: '2011-12-31', tz: 'Pacific/Apia' })
  assert.deepEqual(namesOf(series), ['2011-12-29', '2011-12-31'])
})

test('a visit now is of the last point, even if the next day begins within this hour', () => {
  const now = Date.UTC(2026, 10, 21, 18, 14)
  const { points } = read({ tz: 'Asia/Kathmandu' }, EVER, now)
  assert.equal(points.at(-1)?.name, '2026-11-21')
  assert.equal(points.at(-1)?.span.to, hourOf(now) + 1)
})

test('there is no point before what is kept, and the series says since when that is', () => {
  const kept = { timeZone: 'UTC', keepHoursDays: 2, keepHistoryDays: 10 }
  const hours = read({ unit: 'hour', from: '2026-11-01' }, kept)
  assert.equal(hours.points[0]?.span.from, firstHourKept(2, NOW))
  assert.equal(hours.keptFrom, Date.UTC(2026, 10, 19))
  assert.equal(hours.earlier, null)
  const days = read({ tz: 'America/New_York' }, kept)
  assert.equal(days.keptFrom, Date.UTC(2026, 10, 11))
  assert.deepEqual(days.points[0], {
    name: '2026-11-10',
    span: { from: firstHourKept(10, NOW), to: firstHourKept(10, NOW) + 5 },
  })
  const gone = read({ from: '2020-01-01', to: '2020-01-31' }, kept)
  assert.deepEqual([gone.points, gone.earlier], [[], null])
  assert.equal(read({}).keptFrom, null)
})

test('the ranges before and after have as many points, up to the present', () => {
  const series = read({ from: '2026-10-01', to: '2026-10-30' })
  assert.deepEqual(series.earlier, { from: '2026-09-01', to: '2026-09-30' })
  assert.deepEqual(series.later, { from: '2026-10-31', to: '2026-11-21' })
  assert.equal(read({}).later, null)
})

for (const [what, query, option, sentence] of [
  ['a unit that does not exist', { unit: 'week' }, 'unit', /hour, day or month/],
  ['a unit twice', { unit: ['day', 'day'] }, 'unit', /hour, day or month/],
  ['a zone that does not exist', { tz: 'Mars' }, 'tz', /time zone such as/],
  ['a day that does not exist', { from: '2026-02-30' }, 'from', /2026-11-20/],
  ['a month that does not exist', { to: '2026-13' }, 'to', /2026-11/],
  ['a moment that does not exist', { from: '2026-02-30T12:00Z' }, 'from', /2026-11-20/],
  ['an hour that does not exist', { from: '2026-02-20T25:00Z' }, 'from', /2026-11-20/],
  ['a moment without a zone', { from: '2026-11-20T12:00' }, 'from', /2026-11-20/],
  ['a number', { from: '1700000000' }, 'from', /2026-11-20/],
  ['a list', { from: ['2026-11-20'] }, 'from', /2026-11-20/],
  ['a year of five digits', { to: '12026-11-20' }, 'to', /2026-11-20/],
  ['from after to', { from: '2026-11-02', to: '2026-11-01' }, 'from', /not be later/],
  ['the future alone', { from: '2026-11-22' }, 'from', /not in the future/],
  ['too many days', { from: '2020-01-01' }, 'from', /series of 2517 days, .* 1000/],
  ['too many hours', { unit: 'hour', from: '2026-01-01' }, 'from', /a larger unit/],
  ['thousands of years', { unit: 'month', from: '1000-01' }, 'from', /1000/],
] as const) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => read(query),
      (error: unknown) =>
        error instanceof Refusal &&
        error.code === 'bad_option' &&
        error.brief === `bad ${option}` &&
        sentence.test(error.message),
    )
  })
}

test('in any zone, at any time: no hour is left out or in two points, and days add up from hours', () => {
  const moment = fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2035, 0) })
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.constantFrom(...UNITS),
      moment,
      fc.integer({ min: 0, max: 40 }),
      fc.nat(400 * DAY_HOURS),
      (tz, unit, to, days, age) => {
        const now = to + age * HOUR_MS
        const iso = (ms: number) => new Date(ms).toISOString()
        const series = read({ unit, tz, from: iso(to - days * DAY_MS), to: iso(to) }, EVER, now)
        const { points } = series
        assert.ok(points.length > 0 && points.length <= MAX_POINTS)
        const [first, last] = [points[0], points.at(-1)]
        assert.ok(first && last)
        assert.ok(first.span.from <= hourOf(to - days * DAY_MS))
        assert.ok(last.span.to > hourOf(to) || points.length === 1 || unit !== 'hour')
        points.forEach(({ name, span }, at) => {
          assert.ok(span.from < span.to)
          if (at > 0) assert.equal(span.from, points[at - 1]?.span.to)
          assert.ok(at === 0 || name !== points[at - 1]?.name)
        })
        // What a series is named by gives it again.
        assert.deepEqual(read({ unit, tz, from: first.name, to: last.name }, EVER, now), series)
        const { earlier, later } = series
        assert.ok(earlier)
        const before = read({ unit, tz, ...earlier }, EVER, now)
        assert.equal(before.points.at(-1)?.span.to, first.span.from)
        if (later) {
          const after = read({ unit, tz, ...later }, EVER, now)
          assert.equal(after.points[0]?.span.from, last.span.to)
        } else assert.ok(last.span.to > hourOf(now))
        if (unit !== 'day') return
        for (const { name, span } of [first, last]) {
          const hours = read({ unit: 'hour', tz, from: name, to: name }, EVER, now).points
          assert.equal(hours[0]?.span.from, span.from)
          // An hour in which the next day begins is one of that day; a visit now is of the present day nevertheless.
          const next = startOfDay(iso(Date.parse(name) + DAY_MS).slice(0, 10), tz)
          assert.equal(hours.at(-1)?.span.to, Math.min(next, hourOf(now) + 1))
        }
      },
    ),
  )
})
