import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import fc from 'fast-check'
import { type Change, type Deed, MAX_HITS } from '../../src/admin.ts'
import type { StoreOptions } from '../../src/database/options.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { importIntoFile, importIntoPostgres } from '../../src/database/transfer/import.ts'
import { hostOf, normalizePage, type PageKey } from '../../src/page.ts'
import { Refusal } from '../../src/refusal.ts'
import { siteKey } from '../../src/site.ts'
import type { Ranked, Slice, Store, Tally } from '../../src/store.ts'
import { anyChange } from '../harness/any-change.ts'
import { readCount, T0, temporaryFolder } from '../harness/app.ts'
import { type Engine, engines } from '../harness/engines.ts'
import { makeFileDatabase } from '../harness/postgres.ts'
import { until } from '../harness/until.ts'

const HOUR = 3_600_000
const NOON = T0 / HOUR
const DAY_HOURS = 24
const MIDNIGHT = NOON - 12
const EVER = { from: 0, to: 1e9 }
const DEED: Deed = { actor: 'session 1', reason: 'a test', at: T0 }
const HOSTS = ['a.example', 'b.example:8080', 'name']
/** All pages: some of each host. */
const PAGES = ['a.example', 'a.example/x', 'a.example/y/z', 'b.example:8080/x', 'name'].map(
  (name) => normalizePage(name),
)

interface Place {
  open(options?: Partial<StoreOptions>): Promise<Store>
  /** Adds imported hits beside services that run. */
  bring(source: string, pages: ReadonlyMap<PageKey, number>): Promise<unknown>
}

const emptyDatabase = engines().includes('postgres')
  ? await makeFileDatabase()
  : () => assert.fail('there is no PostgreSQL')

const PLACES: Record<Engine, (t: TestContext) => Promise<Place>> = {
  sqlite: async (t) => {
    const file = join(temporaryFolder(t), 'store.db')
    return {
      open: (options) => openSqliteStore(file, options),
      bring: (source, pages) => importIntoFile(file, { source, marks: [], pages }),
    }
  },
  postgres: async () => {
    const url = await emptyDatabase()
    return {
      open: (options) => openPostgresStore(url, { ...options, now: () => T0 }),
      bring: (source, pages) => importIntoPostgres(url, { source, marks: [], pages }, T0),
    }
  },
}

/** The address to which a page is renamed. */
const OTHER = normalizePage('name/y')

/** A whole list. */
const ALL = { part: '', rules: { allow: [], deny: [] }, ignore: [] }
const OF_HOST = { ...ALL, host: 'a.example', sort: 'hits' as const, today: EVER }

const nothing = { from: 0, to: 0 }

/** The known pages that are not removed, with their numbers. */
async function numbersOf(store: Store): Promise<Map<PageKey, number>> {
  const numbers = new Map<PageKey, number>()
  for (const name of [...PAGES, OTHER]) {
    const page = await store.admin.page(name, nothing)
    if (page?.page === name && page.removed === null) numbers.set(name, page.hits)
  }
  return numbers
}

/** Checks that the number of each host is the sum of those of its pages. */
async function checkNumbers(store: Store): Promise<void> {
  const numbers = await numbersOf(store)
  for (const host of HOSTS) {
    let sum = 0
    for (const [page, hits] of numbers) if (hostOf(page) === host) sum += hits
    assert.equal(await readCount(store, siteKey(host)), sum, host)
  }
}

/** Checks that the visits of each host are the sums of those of its pages, in each of some spans. */
async function checkHistory(store: Store, spans: { from: number; to: number }[]): Promise<void> {
  const pages = [...(await numbersOf(store)).keys()]
  for (const host of HOSTS) {
    const sums = spans.map(() => new Map<string, number>())
    for (const page of pages.filter((each) => hostOf(each) === host)) {
      for (const [at, tallies] of (await store.history(page, spans)).entries()) {
        for (const { outcome, visits } of tallies)
          sums[at]?.set(outcome, visits + (sums[at]?.get(outcome) ?? 0))
      }
    }
    const found = await store.history(siteKey(host), spans)
    assert.deepEqual(found.map(sorted), sums.map(sorted), host)
    const counted = sums.map((sum) => sum.get('counted') ?? 0)
    assert.deepEqual(await store.sums(siteKey(host), spans), counted, host)
  }
}

function sorted(visits: readonly Tally[] | ReadonlyMap<string, number>): [string, number][] {
  const entries = Array.isArray(visits)
    ? visits.map(({ outcome, visits }): [string, number] => [outcome, visits])
    : [...(visits as ReadonlyMap<string, number>)]
  return entries.sort(([one], [other]) => (one < other ? -1 : 1))
}

/** Checks that as many visits are active to each host as to its pages. */
async function checkActive(store: Store, now: number): Promise<void> {
  const pages = [...(await numbersOf(store)).keys()]
  for (const host of HOSTS) {
    let sum = 0
    for (const page of pages) if (hostOf(page) === host) sum += await store.active(page, now)
    assert.equal(await store.active(siteKey(host), now), sum, host)
  }
}

const page = fc.constantFrom(...PAGES)
const hour = fc.constantFrom(NOON, NOON - 1, NOON - 30, NOON - 31, MIDNIGHT - 5 * DAY_HOURS)
const change = anyChange(page, hour)
/** Days before which history is rolled up or removed. They only grow, as time does. */
const days = fc.nat(2)
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 2 }) }),
  },
  { weight: 5, arbitrary: fc.record({ visits: fc.array(page, { minLength: 2 }), hour }) },
  { weight: 1, arbitrary: fc.record({ uncounted: page, hour }) },
  { weight: 1, arbitrary: fc.record({ rollUp: days, slices: fc.nat(4), pages: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ prune: days, slices: fc.nat(4), pages: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ idleBelow: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ imported: page, hits: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ reopen: fc.constant(true) }) },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** Hours around those in which the tests count. */
const HOURS = Array.from({ length: 7 * DAY_HOURS }, (_, at) => MIDNIGHT - 6 * DAY_HOURS + at).map(
  (from) => ({ from, to: from + 1 }),
)

/** Passes over slices, but over no more than `most`. */
async function pass(
  work: (slice: Slice) => Promise<string | null>,
  most: number,
  pages: number,
): Promise<void> {
  let after: string | null = ''
  for (let slice = 0; slice < most && after !== null; slice++)
    after = await work({ after, pages: pages + 1 })
}

for (const engine of engines()) {
  const prepare = PLACES[engine]

  test(`${engine}: a host is the sum of its pages, whatever is done to them`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 60 }), async (steps) => {
        const place = await prepare(t)
        let store = await place.open()
        /** The bounds of the roll-up and of the history, in days since the first. */
        let [rolledUp, pruned] = [0, 0]
        const hourOf = (day: number) => MIDNIGHT + (day - 2) * DAY_HOURS

        async function take(step: Step): Promise<void> {
          if ('changes' in step) {
            await store.admin.change(step.changes as Change[], DEED).catch((error) => {
              assert.ok(error instanceof Refusal && error.code !== 'unavailable', error?.stack)
            })
          } else if ('visits' in step) {
            const at = step.hour * HOUR
            const hits = step.visits.map((page) => store.count({ page, at, window: null }))
            for (const { status, reason } of (await Promise.allSettled(
              hits,
            )) as PromiseRejectedResult[])
              if (status === 'rejected') assert.equal(reason.code, 'removed')
          } else if ('uncounted' in step) {
            store.recordUncounted(step.uncounted, 'bot', step.hour * HOUR)
            await store.writeUncounted()
          } else if ('rollUp' in step) {
            rolledUp = Math.max(rolledUp, step.rollUp)
            const work = (slice: Slice) => store.rollUpHours(hourOf(rolledUp), slice)
            await pass(work, step.slices, step.pages)
          } else if ('prune' in step) {
            pruned = Math.max(pruned, step.prune)
            const work = async (slice: Slice) => (await store.prune(hourOf(pruned), slice)).next
            await pass(work, step.slices, step.pages)
          } else if ('idleBelow' in step) {
            const rule = { below: step.idleBelow, beforeHour: MIDNIGHT }
            await pass(async (slice) => (await store.removeIdle(rule, slice)).next, 99, 2)
          } else if ('imported' in step) {
            await place.bring('old', new Map([[step.imported, step.hits]]))
          } else {
            await store.close()
            store = await place.open()
          }
        }

        try {
          for (const step of steps) {
            await take(step)
            await checkNumbers(store)
            await checkActive(store, T0)
          }
          // Slices may have left pages and hosts in different forms.
          await pass(async (slice) => (await store.prune(hourOf(pruned), slice)).next, 99, 3)
          await pass((slice) => store.rollUpHours(hourOf(rolledUp), slice), 99, 3)
          await checkHistory(store, [EVER, ...HOURS])
        } finally {
          await store.close()
        }
      }),
      { numRuns: engine === 'sqlite' ? 10 : 4 },
    )
  })

  test(`${engine}: a host stays the sum of its pages if these change between two slices of a roll-up`, async (t) => {
    const [a, x, y, b, name] = PAGES as [PageKey, PageKey, PageKey, PageKey, PageKey]
    const old = NOON - 30
    const actions: Change[] = [
      { action: 'remove', page: x },
      { action: 'reset', page: a },
      { action: 'rename', page: y, to: OTHER, alias: false },
      { action: 'merge', page: a, into: b },
      { action: 'merge', page: x, into: y },
      { action: 'take-back', page: a, hour: old },
      { action: 'take-back', page: name, hour: old },
    ]
    for (const [round, action] of actions.entries()) {
      for (const slices of [1, 2, 3, 4, 5]) {
        const place = await prepare(t)
        const store = await place.open()
        try {
          for (const page of PAGES) {
            for (const hour of [old, old, old - 1, NOON])
              await store.count({ page, at: hour * HOUR, window: null })
            store.recordUncounted(page, 'bot', old * HOUR)
          }
          // So that the page comes before its host in some slices, and after it in others.
          const moved = normalizePage('name/x')
          await store.admin.change(
            [
              { action: 'remove', page: b },
              { action: 'rename', page: x, to: moved, alias: false },
              { action: 'rename', page: moved, to: x, alias: false },
            ],
            DEED,
          )
          const [rollUp, prune] = [
            (slice: Slice) => store.rollUpHours(MIDNIGHT, slice),
            async (slice: Slice) => (await store.prune(MIDNIGHT, slice)).next,
          ]
          const work = round % 2 === 0 && slices > 3 ? prune : rollUp
          await pass(work, slices, 0)
          await store.admin.change([{ action: 'restore', page: b }], DEED)
          await store.admin.change([action], DEED).catch((error) => {
            assert.match(String(error), /are kept by the day|has no hits in the hour/)
          })
          await checkNumbers(store)
          await pass(work, 99, 3)
          await checkHistory(store, [EVER, ...HOURS])
        } finally {
          await store.close()
        }
      }
    }
  })

  test(`${engine}: a host stays the sum of its pages if hits of one are rolled up before those of the other`, async (t) => {
    const place = await prepare(t)
    const store = await place.open()
    t.after(() => store.close())
    const pages = Array.from({ length: 200 }, (_, at) => normalizePage(`a.example/${at}`))
    await Promise.all(pages.map((page) => store.count({ page, at: T0, window: null })))
    const [last] = pages.slice(-1) as [PageKey]
    await store.admin.change([{ action: 'remove', page: last }], DEED)
    const site = siteKey('a.example')
    assert.deepEqual(await store.sums(site, [null, EVER]), [199, 199])
    await store.admin.change([{ action: 'restore', page: last }], DEED)
    assert.deepEqual(await store.sums(site, [null, EVER]), [200, 200])
    await store.admin.change([{ action: 'take-back', page: last, hour: NOON }], DEED)
    assert.deepEqual(await store.sums(site, [null, EVER]), [199, 199])
  })

  test(`${engine}: a hit is answered with the number of any host, as it is with this hit`, async (t) => {
    const place = await prepare(t)
    const store = await place.open()
    t.after(() => store.close())
    const count = async (page: string, host: string) => {
      const { ofSite } = await store.count({
        ...{ page: normalizePage(page), at: T0, window: null },
        site: siteKey(host),
      })
      return ofSite
    }
    assert.equal(await count('a.example/1', 'a.example'), 1)
    assert.equal(await count('a.example/2', 'a.example'), 2)
    assert.equal(await count('b.example', 'a.example'), 2)
    assert.equal(await count('b.example', 'c.example'), 0)
    const change = { action: 'merge', page: normalizePage('b.example') } as const
    await store.admin.change([{ ...change, into: normalizePage('a.example/1') }], DEED)
    assert.equal(await count('b.example', 'a.example'), 5)
    assert.equal(await count('b.example', 'b.example'), 0)
    const many = Array.from({ length: 50 }, (_, at) => count(`a.example/${at % 7}`, 'a.example'))
    const numbers = (await Promise.all(many)).map(Number).sort((one, other) => one - other)
    assert.deepEqual(
      numbers,
      Array.from({ length: 50 }, (_, at) => at + 7),
    )
  })

  test(`${engine}: a host whose pages have the largest numbers has its sum again when they have smaller ones`, async (t) => {
    const place = await prepare(t)
    const store = await place.open()
    t.after(() => store.close())
    // Their sum is more than 2^63.
    const many = Array.from({ length: 1100 }, (_, at) => normalizePage(`a.example/${at}`))
    const set = (hits: number, pages = many) =>
      store.admin.change(
        pages.map((page) => ({ action: 'set', page, hits }) as const),
        DEED,
      )
    const count = (page: PageKey) => store.count({ page, at: T0, window: null })
    const [first] = many as [PageKey]
    const site = siteKey('a.example')
    await set(MAX_HITS)
    assert.ok((await readCount(store, site)) > MAX_HITS)
    await count(first)
    await set(2, many.slice(1))
    await set(5, [first])
    assert.equal(await readCount(store, site), 2 * 1099 + 5)
    await count(first)
    assert.equal(await readCount(store, site), 2 * 1099 + 6)
  })

  test(`${engine}: the pages of a host and all hosts are listed by hits, part by part`, async (t) => {
    const place = await prepare(t)
    const store = await place.open()
    t.after(() => store.close())
    const page = (at: number) => normalizePage(`a.example/${at}`)
    const pages = Array.from({ length: 2300 }, (_, at) => page(at))
    const others = Array.from({ length: 30 }, (_, at) => normalizePage(`Other${at}.example`))
    const twice = [page(7), page(2222), ...others.slice(3, 5)]
    for (const each of [pages, others, twice])
      await Promise.all(each.map((page) => store.count({ page, at: T0, window: null })))
    await store.admin.change([{ action: 'remove', page: page(9) }], DEED)

    const all = async (limit: number) => {
      const found: Ranked[] = []
      for (let after: string | null = ''; after !== null; ) {
        const part = await store.pages({ ...OF_HOST, after, limit })
        found.push(...part.pages)
        after = part.next
      }
      return found
    }
    for (const limit of [100, 999, 1000, 1150, 2300]) {
      const found = await all(limit)
      assert.deepEqual([found[0]?.hits, found[1]?.hits, found[2]?.hits], [2, 2, 1])
      assert.deepEqual(
        found.map(({ name }) => name).sort(),
        pages.filter((each) => each !== page(9)).sort(),
      )
    }
    const { hosts, next } = await store.hosts({ ...ALL, after: '', limit: 3 })
    assert.deepEqual(hosts[0], { name: 'a.example', hits: 2301, pages: 2300 })
    assert.deepEqual(
      hosts
        .slice(1)
        .map(({ name, hits }) => [name, hits])
        .sort(),
      [
        ['other3.example', 2],
        ['other4.example', 2],
      ],
    )
    const rest = await store.hosts({ ...ALL, after: String(next), limit: 100 })
    assert.deepEqual([rest.hosts.length, rest.next], [28, null])
    const { hosts: found } = await store.hosts({ ...ALL, part: 'OTHER1', after: '', limit: 100 })
    assert.equal(found.length, 11)
    const none = await store.pages({ ...OF_HOST, host: 'none.example', after: '', limit: 9 })
    assert.deepEqual([none.pages, none.next], [[], null])
    for (const after of ['x', '1', '-1.2', `1 ${'g'.repeat(36)}`]) {
      const wrong = [
        store.hosts({ ...ALL, after, limit: 9 }),
        store.pages({ ...OF_HOST, after, limit: 9 }),
      ]
      for (const each of wrong) await assert.rejects(each, { code: 'bad_request' }, after)
    }
    // What an operator does is in the list once that has been read again.
    await store.admin.change([{ action: 'set', page: page(5), hits: 99 }], DEED)
    await until(async () => {
      const { pages } = await store.pages({ ...OF_HOST, after: '', limit: 1 })
      return pages[0]?.name === page(5) && pages[0].hits === 99
    })
  })
}
