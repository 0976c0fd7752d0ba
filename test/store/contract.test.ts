import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { StoreOptions } from '../../src/database/options.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { normalizePage } from '../../src/page.ts'
import type { CountedHit, NewHit, Store } from '../../src/store.ts'
import type { Token } from '../../src/token.ts'
import { ALL, historyOf, isLive, readCount, sumOf, T0, temporaryFolder } from '../harness/app.ts'
import { type Engine, engines } from '../harness/engines.ts'
import { makeFileDatabase } from '../harness/postgres.ts'

const emptyDatabase = engines().includes('postgres')
  ? await makeFileDatabase()
  : () => assert.fail('there is no PostgreSQL')

/** Opens a new store of each engine; a second call opens the same one again. */
const OPENERS: Record<
  Engine,
  (t: TestContext) => Promise<(options?: Partial<StoreOptions>) => Promise<Store>>
> = {
  sqlite: async (t) => {
    const file = join(temporaryFolder(t), 'new-folder', 'store.db')
    return (options) => openSqliteStore(file, options)
  },
  postgres: async () => {
    const url = await emptyDatabase()
    return (options) => openPostgresStore(url, options)
  },
}

const page = (name: string) => normalizePage(name)
const A = page('a.example/x')
const B = page('b.example')
const WINDOW = 300_000
const HOUR = 3_600_000
const EVER = { from: -1e9, to: 1e9 }
/** Ten days around T0. */
const AROUND = { from: T0 / HOUR - 120, to: T0 / HOUR + 120 }

function hit(name = A, at = T0, window: NewHit['window'] = null): NewHit {
  return { page: name, at, window }
}

for (const engine of engines()) {
  const prepare = OPENERS[engine]

  async function open(t: TestContext): Promise<{ store: Store; reopen(): Promise<Store> }> {
    const opener = await prepare(t)
    let store = await opener()
    t.after(() => store.close())
    return {
      store,
      async reopen() {
        await store.close()
        store = await opener()
        return store
      },
    }
  }

  test(`${engine}: a hit changes the number of its page and of no other`, async (t) => {
    const { store } = await open(t)
    assert.equal(await readCount(store, A), 0)
    assert.deepEqual(await store.count(hit()), { count: 1, token: null })
    assert.deepEqual(await store.count(hit()), { count: 2, token: null })
    assert.equal(await readCount(store, A), 2)
    assert.equal(await readCount(store, B), 0)
  })

  test(`${engine}: simultaneous hits get different numbers, in order`, async (t) => {
    const { store } = await open(t)
    await store.count(hit())
    const batch = Array.from({ length: 50 }, (_, index) => store.count(hit(index % 2 ? A : B)))
    const counts = (await Promise.all(batch)).map(({ count }) => count)
    assert.deepEqual(
      counts.filter((_, index) => index % 2),
      Array.from({ length: 25 }, (_, index) => index + 2),
    )
    assert.deepEqual(
      counts.filter((_, index) => !(index % 2)),
      Array.from({ length: 25 }, (_, index) => index + 1),
    )
  })

  test(`${engine}: after any series of batches the sums are right, and each number occurs once`, async (t) => {
    const opener = await prepare(t)
    const store = await opener()
    t.after(() => store.close())
    const totals = new Map<string, number>()
    const batches = fc.array(fc.array(fc.constantFrom('p1', 'p2', 'p3', 'p4'), { maxLength: 20 }), {
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(batches, async (series) => {
        for (const batch of series) {
          const counted = await Promise.all(batch.map((name) => store.count(hit(page(name)))))
          for (const [index, { count }] of counted.entries()) {
            const name = batch[index] as string
            totals.set(name, (totals.get(name) ?? 0) + 1)
            assert.equal(count, totals.get(name))
          }
        }
        for (const [name, total] of totals) assert.equal(await readCount(store, page(name)), total)
      }),
      { numRuns: 40 },
    )
  })

  test(`${engine}: hits that were answered are there when the store is opened again`, async (t) => {
    const { store, reopen } = await open(t)
    const window = { secret: 'secretsecret', endsAt: T0 + 1000 }
    const { token } = await store.count(hit(A, T0, window))
    assert.ok(token)
    const again = await reopen()
    assert.equal(await readCount(again, A), 1)
    assert.equal(await isLive(again, A, token, T0), true)
    assert.equal((await again.count(hit())).count, 2)
  })

  test(`${engine}: closing writes the hits that wait; later calls are refused`, async (t) => {
    const { store, reopen } = await open(t)
    const waiting = [store.count(hit()), store.count(hit())]
    const closed = store.close()
    await assert.rejects(store.count(hit()), { code: 'unavailable' })
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ count }) => count),
      [1, 2],
    )
    await closed
    const again = await reopen().catch(async () => (await prepare(t))())
    assert.equal(await readCount(again, A), 2)
  })

  test(`${engine}: a token is live for its page, with its secret, until its window ends`, async (t) => {
    const { store } = await open(t)
    const window = { secret: 'secretsecret', endsAt: T0 + 1000 }
    const { token } = await store.count(hit(A, T0, window))
    const other = await store.count(hit(B, T0, { ...window, secret: 'othersecret1' }))
    assert.ok(token && other.token)
    assert.equal(token.secret, window.secret)
    assert.equal(await isLive(store, A, token, T0), true)
    assert.equal(await isLive(store, A, token, T0 + 999), true)
    assert.equal(await isLive(store, A, token, T0 + 1000), false)
    assert.equal(await isLive(store, B, token, T0), false)
    assert.equal(await isLive(store, A, other.token, T0), false)
    assert.equal(await isLive(store, A, { ...token, secret: 'secretsecreT' }, T0), false)
    assert.equal(await isLive(store, A, { ...token, id: token.id + 9 }, T0), false)
  })

  test(`${engine}: thousands of windows that open at once are separate`, async (t) => {
    const { store } = await open(t)
    const asked = Array.from({ length: 2500 }, (_, index) => ({
      page: index % 3 ? A : B,
      window: { secret: `secret${10_000 + index}`, endsAt: T0 + 1000 + index },
    }))
    const counted = await Promise.all(
      asked.map(({ page: name, window }) => store.count(hit(name, T0, window))),
    )
    for (const index of [0, 1, 1022, 1023, 1024, 1025, 2047, 2048, 2499]) {
      const { page: name, window } = asked[index] as (typeof asked)[0]
      const token = counted[index]?.token as Token
      assert.equal(await isLive(store, name, token, window.endsAt - 1), true, `${index}`)
      assert.equal(await isLive(store, name, token, window.endsAt), false, `${index}`)
      assert.equal(await isLive(store, name === A ? B : A, token, T0), false, `${index}`)
    }
    assert.equal(await store.sweep(T0 + 10_000, 5000, WINDOW), 2500)
  })

  test(`${engine}: sweeping removes windows that have ended, a slice at a time`, async (t) => {
    const { store } = await open(t)
    const counted: CountedHit[] = []
    // One after the other, because an engine may store simultaneous tokens together.
    for (let index = 0; index < 25; index++) {
      const endsAt = T0 + (index < 20 ? 1 : 5000)
      counted.push(await store.count(hit(A, T0, { secret: `secret${100 + index}`, endsAt })))
    }
    assert.equal(await store.sweep(T0, 8, WINDOW), 0)
    assert.equal(await store.sweep(T0 + 1, 8, WINDOW), 8)
    assert.equal(await store.sweep(T0 + 1, 8, WINDOW), 8)
    assert.equal(await store.sweep(T0 + 1, 8, WINDOW), 4)
    assert.equal(await store.sweep(T0 + 1, 8, WINDOW), 0)
    const live = counted.map(({ token }) => token && isLive(store, A, token, T0))
    assert.equal((await Promise.all(live)).filter(Boolean).length, 5)
    assert.equal(await readCount(store, A), 25)
  })

  test(`${engine}: windows can be capped, and then end together`, async (t) => {
    const { store } = await open(t)
    const long = await store.count(hit(A, T0, { secret: 'secretlong1', endsAt: T0 + 90_000 }))
    const short = await store.count(hit(A, T0, { secret: 'secretshort', endsAt: T0 + 100 }))
    assert.ok(long.token && short.token)
    await store.capWindows(T0 + 1000)
    assert.equal(await isLive(store, A, long.token, T0 + 999), true)
    assert.equal(await isLive(store, A, long.token, T0 + 1000), false)
    assert.equal(await isLive(store, A, short.token, T0 + 100), false)
    assert.equal(await store.sweep(T0 + 1000, 100, WINDOW), 2)
  })

  test(`${engine}: a window from before the clock was set back does not delay the removal of others`, async (t) => {
    const { store } = await open(t)
    const year = 31_536_000_000
    const ahead = await store.count(hit(A, T0 + year, { secret: 'secretahead', endsAt: T0 + year }))
    for (let index = 0; index < 5; index++) {
      await store.count(hit(A, T0, { secret: `secret000${index}`, endsAt: T0 + WINDOW }))
    }
    assert.ok(ahead.token)
    assert.equal(await store.sweep(T0, 100, WINDOW), 0)
    assert.equal(await isLive(store, A, ahead.token, T0 + WINDOW), false, 'it ends with the others')
    assert.equal(await store.sweep(T0 + WINDOW, 100, WINDOW), 6)
  })

  test(`${engine}: pages that must not be shown are not listed`, async (t) => {
    const { store } = await open(t)
    for (const name of ['a.example', 'a.example/secret']) await store.count(hit(page(name)))
    const { pages } = await store.top({ ...ALL, rules: { allow: [], deny: ['secret'] } })
    assert.deepEqual(pages, [{ name: 'a.example', hits: 1 }])
  })

  test(`${engine}: the lists rank hosts and pages, and leave ignored hosts out`, async (t) => {
    const { store } = await open(t)
    const visits: [string, number][] = [
      ['a.example/1', 3],
      ['a.example/2', 4],
      ['b.example', 5],
      ['localhost:3000/x', 9],
      ['c.example', 1],
    ]
    for (const [name, times] of visits) {
      await Promise.all(Array.from({ length: times }, () => store.count(hit(page(name)))))
    }
    const top = await store.top({
      ...ALL,
      hosts: 2,
      pages: 3,
      ignore: ['^localhost'],
    })
    assert.deepEqual(top, {
      hosts: [
        { name: 'a.example', hits: 7 },
        { name: 'b.example', hits: 5 },
      ],
      pages: [
        { name: 'b.example', hits: 5 },
        { name: 'a.example/2', hits: 4 },
        { name: 'a.example/1', hits: 3 },
      ],
    })
    const none = await store.top({ ...ALL, hosts: 0, pages: 0 })
    assert.deepEqual(none, { hosts: [], pages: [] })
    const all = await store.top({ ...ALL, hosts: 9, pages: 9 })
    assert.equal(all.hosts[0]?.name, 'localhost:3000')
    assert.equal(all.pages.length, 5)
  })

  test(`${engine}: hundreds of ignored pages do not hide the pages after them`, async (t) => {
    const { store } = await open(t)
    const ignored = Array.from({ length: 450 }, (_, index) => page(`localhost/${index}`))
    await Promise.all([...ignored, ...ignored].map((name) => store.count(hit(name))))
    await store.count(hit(B))
    const { pages } = await store.top({
      ...ALL,
      hosts: 1,
      pages: 2,
      ignore: ['^localhost'],
    })
    assert.deepEqual(pages, [{ name: 'b.example', hits: 1 }])
  })

  test(`${engine}: when the limit on pages is reached, known pages still count and new ones are refused`, async (t) => {
    const opener = await prepare(t)
    let store = await opener({ maxPages: 3, maxPagesPerHost: 2 })
    t.after(() => store.close())
    const names = [
      'a.example/1',
      'a.example/2',
      'a.example/3',
      'b.example',
      'c.example',
      'b.example',
    ]
    const first = await Promise.allSettled(names.map((name) => store.count(hit(page(name)))))
    const told = first.map((each) =>
      each.status === 'fulfilled'
        ? each.value.count
        : `${each.reason.code}: ${each.reason.message}`,
    )
    const host = 'This counter takes no more new pages of that host; those it knows are counted on.'
    const all = 'This counter takes no more new pages; those it knows are counted on.'
    assert.deepEqual(told, [1, 1, `too_many_pages: ${host}`, 1, `too_many_pages: ${all}`, 2])
    assert.equal(await readCount(store, page('a.example/3')), 0)
    await store.close()
    store = await opener({ maxPages: 3, maxPagesPerHost: 2 })
    assert.equal((await store.count(hit(page('a.example/1')))).count, 2, 'after a start as well')
    await assert.rejects(store.count(hit(page('d.example'))), {
      code: 'too_many_pages',
      status: 403,
    })
    await store.close()
    store = await opener({ maxPages: 0, maxPagesPerHost: 0 })
    assert.equal((await store.count(hit(page('d.example')))).count, 1)
  })

  test(`${engine}: when too many hits wait, the newest are refused at once, and the others count`, async (t) => {
    const opener = await prepare(t)
    const store = await opener({ maxWaiting: 10 })
    t.after(() => store.close())
    const asked = Array.from({ length: 25 }, () => store.count(hit()))
    const refused = await Promise.allSettled(asked.slice(10))
    for (const each of refused) {
      assert.equal(each.status, 'rejected')
      assert.equal(each.reason.code, 'unavailable')
    }
    const counts = (await Promise.all(asked.slice(0, 10))).map(({ count }) => count)
    assert.deepEqual(counts, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert.equal((await store.count(hit())).count, 11)
  })

  test(`${engine}: when too many reads wait, the newest are refused at once`, async (t) => {
    const opener = await prepare(t)
    const store = await opener({ maxWaiting: 10 })
    t.after(() => store.close())
    const asked = await Promise.allSettled(Array.from({ length: 25 }, () => readCount(store, A)))
    assert.deepEqual(
      asked.map(({ status }) => status === 'fulfilled'),
      asked.map((_, index) => index < 10),
    )
  })

  test(`${engine}: after closing, calls are refused and do not wait`, async (t) => {
    const { store } = await open(t)
    await store.close()
    await store.close()
    const refused = [store.sums(A, [EVER]), store.history(A, [EVER]), store.active(A, T0)]
    for (const asked of [
      ...refused,
      store.count(hit()),
      readCount(store, A),
      store.ping(),
      store.top(ALL),
    ]) {
      await assert.rejects(asked, { code: 'unavailable' })
    }
  })

  test(`${engine}: hours are rolled up a slice at a time, and numbers stay`, async (t) => {
    const opener = await prepare(t)
    const store = await opener()
    t.after(() => store.close())
    for (let number = 0; number < 5; number++) {
      await store.count(hit(page(`p${number}.example`), T0))
    }
    const hour = T0 / 3_600_000
    const slices: (string | null)[] = ['']
    for (let after = slices.at(-1); typeof after === 'string'; after = slices.at(-1)) {
      slices.push(await store.rollUpHours(hour, { after, pages: 2 }))
    }
    assert.equal(slices.length, 4, 'two, two and one')
    assert.equal(await readCount(store, page('p4.example')), 1)
  })

  test(`${engine}: sums by the hour include hits that were never rolled up`, async (t) => {
    const { store, reopen } = await open(t)
    const hour = T0 / HOUR
    for (const hours of [0, 0, 1, 2, 30]) await store.count(hit(A, T0 + hours * HOUR + 5))
    await store.count(hit(B, T0))
    const spans: [from: number, to: number, hits: number][] = [
      [0, 1, 2],
      [0, 2, 3],
      [1, 3, 2],
      [3, 30, 0],
      [-1e6, 1e6, 5],
      [0, 0, 0],
    ]
    const check = async (opened: Store) => {
      for (const [from, to, hits] of spans) {
        assert.equal(await sumOf(opened, A, { from: hour + from, to: hour + to }), hits)
      }
      assert.equal(await sumOf(opened, page('never.example'), EVER), 0)
      assert.deepEqual(await opened.sums(A, [null, EVER, null]), [5, 5, 5])
      assert.deepEqual(await opened.sums(page('never.example'), [null]), [0])
    }
    await check(store)
    await check(await reopen())
  })

  test(`${engine}: adjacent spans add up, before and after hours are rolled up`, async (t) => {
    const opener = await prepare(t)
    const store = await opener()
    t.after(() => store.close())
    const first = Math.floor(T0 / HOUR / 24) * 24
    const hours = fc.array(fc.nat(24 * 10), { minLength: 1, maxLength: 20 })
    let run = 0
    await fc.assert(
      fc.asyncProperty(hours, fc.nat(240), fc.nat(10), async (given, cut, days) => {
        run += 1
        const key = page(`sum${run}.example`)
        await Promise.all(given.map((after) => store.count(hit(key, (first + after) * HOUR))))
        const whole = { from: first, to: first + 241 }
        const parts = async () =>
          (await sumOf(store, key, { ...whole, to: first + cut })) +
          (await sumOf(store, key, { ...whole, from: first + cut }))
        assert.equal(await parts(), given.length)
        await store.rollUpHours(first + days * 24, { after: '', pages: 1000 })
        assert.equal(await parts(), given.length)
        const kept = (await store.history(key, [EVER])).flat().map(({ visits }) => visits)
        assert.equal(
          kept.reduce((left, right) => left + right),
          given.length,
        )
      }),
      { numRuns: 30 },
    )
  })

  test(`${engine}: uncounted visits are recorded by hour and outcome, and are there after opening again`, async (t) => {
    const { store, reopen } = await open(t)
    const hour = T0 / HOUR
    await store.count(hit())
    for (let times = 0; times < 3; times++) store.recordUncounted(A, 'repeat', T0 + times)
    store.recordUncounted(A, 'bot', T0 + HOUR)
    store.recordUncounted(B, 'limited', T0)
    const expected = [
      { hour, outcome: 'counted', visits: 1 },
      { hour, outcome: 'repeat', visits: 3 },
      { hour: hour + 1, outcome: 'bot', visits: 1 },
    ]
    assert.deepEqual(await historyOf(store, A, AROUND), expected, 'at once')
    await store.writeUncounted()
    store.recordUncounted(A, 'repeat', T0)
    const again = await reopen()
    const [counted, repeat, bot] = await historyOf(again, A, AROUND)
    assert.deepEqual([counted, bot], [expected[0], expected[2]])
    assert.equal(repeat?.visits, 4, 'closing writes what waits')
    assert.equal(await readCount(again, A), 1, 'none of them moves the number')
    assert.equal(await readCount(again, B), 0)
    assert.deepEqual((await again.history(B, [{ from: hour + 1, to: hour + 9 }])).flat(), [])
  })

  test(`${engine}: uncounted visits make no pages beyond the limit`, async (t) => {
    const opener = await prepare(t)
    const store = await opener({ maxPages: 20, maxPagesPerHost: 10 })
    t.after(() => store.close())
    const bot = [{ hour: T0 / HOUR, outcome: 'bot', visits: 1 }]
    const noted = async (prefix: string, host = '') => {
      const names = Array.from({ length: 12 }, (_, index) => page(`${prefix}${index}${host}`))
      for (const name of names) store.recordUncounted(name, 'bot', T0)
      await store.writeUncounted()
      const told = await Promise.all(names.map((name) => historyOf(store, name, AROUND)))
      return told.filter((rows) => isDeepStrictEqual(rows, bot)).length
    }
    assert.equal(await noted('one.example/'), 9, 'a tenth of a host is left for pages that count')
    assert.equal(await noted('x', '.example'), 9, 'and a tenth of all')
    assert.equal((await store.count(hit(A))).count, 1)
    assert.equal((await store.count(hit(B))).count, 1)
    await assert.rejects(store.count(hit(page('c.example'))), { code: 'too_many_pages' })
  })

  test(`${engine}: old outcomes are rolled up into their days`, async (t) => {
    const { store } = await open(t)
    const day = Math.floor(T0 / HOUR / 24) * 24
    for (const hours of [0, 1, 12, 23, 24]) store.recordUncounted(A, 'repeat', (day + hours) * HOUR)
    store.recordUncounted(A, 'bot', day * HOUR)
    await store.writeUncounted()
    for (let times = 0; times < 2; times++) {
      await store.rollUpHours(day + 24, { after: '', pages: 9 })
      assert.deepEqual(await historyOf(store, A, AROUND), [
        { hour: day + 12, outcome: 'bot', visits: 1 },
        { hour: day + 12, outcome: 'repeat', visits: 4 },
        { hour: day + 24, outcome: 'repeat', visits: 1 },
      ])
    }
    store.recordUncounted(A, 'repeat', (day + 3) * HOUR)
    await store.writeUncounted()
    await store.rollUpHours(day + 48, { after: '', pages: 9 })
    assert.deepEqual(await historyOf(store, A, AROUND), [
      { hour: day + 12, outcome: 'bot', visits: 1 },
      { hour: day + 12, outcome: 'repeat', visits: 5 },
      { hour: day + 36, outcome: 'repeat', visits: 1 },
    ])
  })

  test(`${engine}: history is removed a slice at a time, and numbers stay`, async (t) => {
    const { store } = await open(t)
    const day = Math.floor(T0 / HOUR / 24) * 24
    for (let number = 0; number < 5; number++) {
      const key = page(`p${number}.example`)
      for (const hours of [-1, 0]) await store.count(hit(key, (day + hours) * HOUR))
      store.recordUncounted(key, 'repeat', (day - 1) * HOUR)
    }
    await store.writeUncounted()
    const two = { pages: 2, hours: 2, days: 0, outcomes: 2 }
    const first = await store.prune(day, { after: '', pages: 2 })
    assert.deepEqual(first.removed, two)
    const second = await store.prune(day, { after: first.next as string, pages: 2 })
    assert.deepEqual(second.removed, two)
    assert.deepEqual(await store.prune(day, { after: second.next as string, pages: 2 }), {
      next: null,
      removed: { pages: 1, hours: 1, days: 0, outcomes: 1 },
    })
    for (let number = 0; number < 5; number++) {
      const key = page(`p${number}.example`)
      assert.equal(await readCount(store, key), 2)
      assert.deepEqual(await historyOf(store, key, AROUND), [
        { hour: day, outcome: 'counted', visits: 1 },
      ])
    }
  })

  test(`${engine}: hits are active for as long as the option says`, async (t) => {
    const opener = await prepare(t)
    const store = await opener({ activeMs: 120_000 })
    t.after(() => store.close())
    await Promise.all([store.count(hit(A)), store.count(hit(A)), store.count(hit(B))])
    assert.equal(await store.active(A, T0 + 119_999), 2)
    assert.equal(await store.active(B, T0 + 119_999), 1)
    assert.equal(await store.active(null, T0 + 119_999), 3)
    assert.equal(await store.active(page('never.example'), T0), 0)
    // An engine may include a minute more.
    assert.equal(await store.active(A, T0 + 180_000), 0)
    assert.equal(await store.active(null, T0 + 180_000), 0)
  })

  test(`${engine}: ping resolves when the database answers`, async (t) => {
    const { store } = await open(t)
    await store.ping()
  })
}
