import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { type Change, type Deed, MAX_HITS, type PagesQuery } from '../../src/admin.ts'
import type { StoreOptions } from '../../src/database/options.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { normalizePage, type PageKey } from '../../src/page.ts'
import type { Store } from '../../src/store.ts'
import { ALL, historyOf, isLive, readCount, sumOf, T0, temporaryFolder } from '../harness/app.ts'
import { type Engine, engines } from '../harness/engines.ts'
import { makeFileDatabase, run } from '../harness/postgres.ts'

const emptyDatabase = engines().includes('postgres')
  ? await makeFileDatabase()
  : () => assert.fail('there is no PostgreSQL')

/** A new database. */
interface Place {
  open(options: Partial<StoreOptions>): Promise<Store>
  /** Everything that its tables contain, except for what services write about themselves. */
  dump(): Promise<Record<string, unknown[]>>
  run(sql: string): Promise<unknown>
}

const PLACES: Record<Engine, (t: TestContext) => Promise<Place>> = {
  sqlite: async (t) => {
    const file = join(temporaryFolder(t), 'store.db')
    return {
      open: (options) => openSqliteStore(file, options),
      async dump() {
        const database = new Database(file, { readonly: true })
        const read = (sql: string) => database.prepare<[], { name: string }>(sql).all()
        const tables = read("select name from sqlite_schema where type = 'table'")
        const rows = tables.map(({ name }) => [name, read(`select * from ${name}`)])
        database.close()
        return Object.fromEntries(rows)
      },
      async run(sql) {
        const database = new Database(file)
        try {
          database.exec(sql)
        } finally {
          database.close()
        }
      },
    }
  },
  postgres: async () => {
    const url = await emptyDatabase()
    return {
      open: (options) => openPostgresStore(url, options),
      async dump() {
        const tables = await run<{ name: string }>(
          url,
          "select table_name as name from information_schema.tables where table_schema = 'public' and table_name <> 'writer'",
        )
        // In one statement, because each has a connection of its own.
        const rows = await run<{ name: string; row: string }>(
          url,
          tables
            .map(
              ({ name }) =>
                `select '${name}' as name, row_to_json(t)::text as row from "${name}" t`,
            )
            .join(' union all ')
            .concat(' order by 1, 2'),
        )
        return Object.groupBy(rows, ({ name }) => name) as Record<string, unknown[]>
      },
      run: (sql) => run(url, sql),
    }
  },
}

const HOUR = 3_600_000
const NOON = T0 / HOUR
const page = (name: string) => normalizePage(name)
const [A, B, C, D] = ['a.example/x', 'b.example', 'c.example/y', 'd.example'].map(page) as [
  PageKey,
  PageKey,
  PageKey,
  PageKey,
]
const TODAY = { from: NOON - 12, to: NOON + 12 }
const AROUND = { from: NOON - 3, to: NOON + 3 }
const DEED: Deed = { actor: 'session 1', reason: 'a test', at: T0 }

async function count(store: Store, name: PageKey, hits: number, at = T0): Promise<number[]> {
  const hit = () => store.count({ page: name, at, window: null })
  return (await Promise.all(Array.from({ length: hits }, hit))).map((counted) => counted.count)
}

for (const engine of engines()) {
  async function open(t: TestContext, options: Partial<StoreOptions> = {}): Promise<Store> {
    const store = await (await PLACES[engine](t)).open(options)
    t.after(() => store.close())
    return store
  }

  const change = (store: Store, ...changes: Change[]) => store.admin.change(changes, DEED)
  const state = (store: Store, name: PageKey) => store.admin.page(name, TODAY)

  test(`${engine}: a number is set, added to and reset, and hits go on from it`, async (t) => {
    const store = await open(t)
    await count(store, A, 3)
    const [set] = await change(store, { action: 'set', page: A, hits: 100 })
    assert.deepEqual(set, { page: A, hits: 100, removed: null, version: set?.version })
    assert.deepEqual(await count(store, A, 2), [101, 102])
    await change(store, { action: 'add', page: A, hits: 8 }, { action: 'add', page: A, hits: -10 })
    assert.equal(await readCount(store, A), 100)
    assert.equal(await sumOf(store, A, AROUND), 5, 'the history stays')
    await change(store, { action: 'reset', page: A })
    assert.equal(await readCount(store, A), 0)
    assert.deepEqual(await historyOf(store, A, AROUND), [])
    assert.deepEqual(await count(store, A, 1), [1])
    await change(store, { action: 'set', page: B, hits: 7 }, { action: 'add', page: C, hits: 9 })
    assert.deepEqual([await readCount(store, B), await readCount(store, C)], [7, 9])
  })

  test(`${engine}: a removed page is refused everywhere, and restored with all it had`, async (t) => {
    const store = await open(t)
    const window = { secret: 'secretsecret', endsAt: T0 + 1000 }
    const { token } = await store.count({ page: A, at: T0, window })
    await count(store, B, 1)
    store.recordUncounted(A, 'bot', T0)
    const [gone] = await change(store, { action: 'remove', page: A })
    assert.deepEqual(gone?.removed, DEED)
    const removed = { code: 'removed' }
    await assert.rejects(store.readPage(A, null, T0), removed)
    await assert.rejects(store.sums(A, [null]), removed)
    await assert.rejects(store.history(A, [AROUND]), removed)
    await assert.rejects(store.active(A, T0), removed)
    const mixed = await Promise.allSettled([A, B, A, C].map((name) => count(store, name, 1)))
    assert.deepEqual(
      mixed.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code)),
      ['removed', [2], 'removed', [1]],
    )
    store.recordUncounted(A, 'repeat', T0)
    await store.writeUncounted()
    assert.deepEqual((await store.admin.pageKeys('', 9)).keys.sort(), [B, C])
    await store.maintain(T0)
    assert.deepEqual(
      (await store.top(ALL)).pages.map(({ name }) => name),
      [B, C],
    )
    assert.deepEqual((await state(store, A))?.removed, DEED)

    await change(store, { action: 'restore', page: A })
    assert.equal(await readCount(store, A), 1)
    assert.equal((await state(store, A))?.removed, null)
    assert.deepEqual(await historyOf(store, A, AROUND), [
      { hour: NOON, outcome: 'bot', visits: 1 },
      { hour: NOON, outcome: 'counted', visits: 1 },
    ])
    assert.ok(token && (await isLive(store, A, token, T0)))
    assert.deepEqual(await count(store, A, 1), [2])
  })

  test(`${engine}: a purged page is unknown, with its aliases, and begins again at 1`, async (t) => {
    const store = await open(t)
    await count(store, A, 5)
    await count(store, B, 2)
    await change(
      store,
      { action: 'merge', page: A, into: B },
      { action: 'remove', page: A },
      { action: 'purge', page: B },
    )
    for (const name of [A, B]) {
      assert.equal(await state(store, name), null)
      assert.equal(await readCount(store, name), 0)
      assert.equal(await sumOf(store, name, AROUND), 0)
    }
    assert.deepEqual(await count(store, B, 2), [1, 2])
    assert.deepEqual(await count(store, A, 1), [1])
    assert.equal(await sumOf(store, B, AROUND), 2)
  })

  test(`${engine}: two merged pages are one: numbers, history, outcomes, windows and active visits`, async (t) => {
    const store = await open(t)
    const window = { secret: 'secretsecret', endsAt: T0 + 1000 }
    const { token } = await store.count({ page: A, at: T0, window })
    await count(store, A, 2, T0 - HOUR)
    await count(store, B, 4)
    store.recordUncounted(A, 'bot', T0)
    store.recordUncounted(B, 'bot', T0)
    await change(store, { action: 'set', page: A, hits: 10 })
    const [merged] = await change(store, { action: 'merge', page: A, into: B })
    assert.deepEqual([merged?.page, merged?.hits], [B, 14])
    for (const name of [A, B]) {
      assert.equal(await readCount(store, name), 14)
      assert.deepEqual(await historyOf(store, name, AROUND), [
        { hour: NOON - 1, outcome: 'counted', visits: 2 },
        { hour: NOON, outcome: 'bot', visits: 2 },
        { hour: NOON, outcome: 'counted', visits: 5 },
      ])
      assert.deepEqual((await state(store, name))?.page, B)
    }
    assert.ok(token && (await isLive(store, A, token, T0)), 'a repeat is a repeat')
    assert.deepEqual((await state(store, B))?.aliases, [A])
    const counted = await Promise.all([A, B, A, B].map((name) => count(store, name, 1)))
    assert.deepEqual(counted, [[15], [16], [17], [18]])
    store.recordUncounted(A, 'repeat', T0)
    await store.writeUncounted()
    assert.equal((await store.history(B, [AROUND]))[0]?.length, 3)

    // An alias of an alias.
    await count(store, C, 1)
    await change(store, { action: 'merge', page: A, into: C })
    assert.deepEqual((await state(store, C))?.aliases, [A, B])
    assert.equal(await readCount(store, A), 19)
    assert.deepEqual(await count(store, A, 1), [20])
    await change(store, { action: 'unalias', page: A })
    assert.deepEqual(await count(store, A, 1), [1])
    assert.deepEqual(await count(store, B, 1), [21])
  })

  test(`${engine}: a page that moves or goes leaves room for another page of its host`, async (t) => {
    const store = await open(t, { maxPagesPerHost: 1 })
    const full = { code: 'too_many_pages' }
    await count(store, page('a.example/1'), 1)
    await assert.rejects(count(store, page('a.example/2'), 1), full)
    await change(store, {
      action: 'rename',
      page: page('a.example/1'),
      to: page('b.example/1'),
      alias: true,
    })
    await count(store, page('a.example/2'), 1)
    await assert.rejects(count(store, page('b.example/2'), 1), full)
    await change(store, { action: 'merge', page: page('a.example/2'), into: page('b.example/1') })
    await count(store, page('a.example/3'), 1)
    await assert.rejects(count(store, page('a.example/4'), 1), full)
    await change(
      store,
      { action: 'remove', page: page('a.example/3') },
      { action: 'purge', page: page('a.example/3') },
    )
    await count(store, page('a.example/4'), 1)
    await assert.rejects(count(store, page('a.example/5'), 1), full)
  })

  test(`${engine}: pages that are merged one after the other in one call are one, also for active visits`, async (t) => {
    const store = await open(t)
    await count(store, A, 3, T0 - 100 * HOUR)
    await store.maintain(T0)
    await store.rollUpHours(NOON - 36, { after: '', pages: 9 })
    for (const [name, hits] of [
      [A, 1],
      [B, 2],
      [C, 3],
      [D, 4],
    ] as const)
      await count(store, name, hits)
    await store.maintain(T0)
    await change(
      store,
      { action: 'merge', page: A, into: B },
      { action: 'merge', page: D, into: A },
      { action: 'merge', page: B, into: C },
    )
    for (const name of [A, B, C, D]) {
      assert.equal(await readCount(store, name), 13)
      assert.equal(await store.active(name, T0), 10)
      assert.equal(await sumOf(store, name, AROUND), 10)
      assert.equal(await sumOf(store, name, { from: NOON - 200, to: NOON + 1 }), 13)
    }
    assert.deepEqual((await state(store, A))?.aliases, [A, B, D])
    await count(store, B, 1)
    await store.maintain(T0)
    assert.equal(await store.active(C, T0), 11)
  })

  test(`${engine}: a renamed page keeps everything; its old address is an alias or unknown`, async (t) => {
    const store = await open(t)
    await count(store, A, 3)
    await count(store, B, 4)
    await change(
      store,
      { action: 'rename', page: A, to: C, alias: true },
      { action: 'rename', page: B, to: D, alias: false },
    )
    assert.deepEqual(
      await Promise.all([A, B, C, D].map((name) => readCount(store, name))),
      [3, 0, 3, 4],
    )
    assert.deepEqual((await state(store, C))?.aliases, [A])
    assert.equal(await sumOf(store, D, AROUND), 4)
    assert.deepEqual(await count(store, B, 1), [1])
    assert.deepEqual(await count(store, A, 1), [4])
    assert.deepEqual((await store.top(ALL)).hosts.map(({ name }) => name).sort(), [
      'b.example',
      'c.example',
      'd.example',
    ])
  })

  test(`${engine}: pages are listed by part of their key, in four orders, a few at a time`, async (t) => {
    const store = await open(t)
    await count(store, A, 5, T0 - 30 * HOUR)
    await count(store, B, 2, T0 - 2 * HOUR)
    await count(store, C, 4, T0 - HOUR)
    await change(
      store,
      { action: 'set', page: D, hits: 9 },
      { action: 'set', page: page('a.example/%25_x'), hits: 1 },
      { action: 'remove', page: page('a.example/%25_x') },
    )
    // On SQLite, these wait in the journal.
    await count(store, B, 4)
    const query = {
      part: '',
      sort: 'hits',
      removed: false,
      after: '',
      limit: 9,
      today: TODAY,
    } as const
    const list = async (given: Partial<PagesQuery> = {}) =>
      (await store.admin.pages({ ...query, ...given })).pages.map((each) => each.page)
    assert.deepEqual(await list(), [D, B, A, C])
    assert.deepEqual((await list({ sort: 'today' })).slice(0, 2), [B, C])
    assert.deepEqual((await list({ sort: 'newest' })).slice(0, 2), [D, C])
    assert.deepEqual((await list({ sort: 'last-seen' })).slice(0, 3), [B, C, A])
    assert.deepEqual(await list({ part: 'A.EXAMPLE' }), [A])
    for (const part of ['%', '_', "'", '\\', 'a%x']) assert.deepEqual(await list({ part }), [])
    assert.deepEqual(await list({ removed: true }), [page('a.example/%25_x')])
    assert.deepEqual(await list({ removed: true, part: '%25_' }), [page('a.example/%25_x')])
    for (const sort of ['hits', 'today', 'newest', 'last-seen'] as const) {
      const whole = await list({ sort })
      const read: string[] = []
      let after = ''
      for (let next: string | null = ''; next !== null; after = next ?? '') {
        const some = await store.admin.pages({ ...query, sort, after, limit: 1 })
        read.push(...some.pages.map((each) => each.page))
        next = some.next
      }
      assert.deepEqual(read, whole, sort)
    }
    for (const after of ['x', '1', '1.2.3', "1.2' or 1"])
      await assert.rejects(list({ after }), { code: 'bad_request' })
    const { pages } = await store.admin.pages({ ...query, part: C })
    assert.deepEqual(pages, [await state(store, C)])
    assert.deepEqual(pages[0], {
      ...{ page: C, hits: 4, today: 4, firstSeen: T0 - HOUR, lastSeen: T0 - HOUR },
      ...{ aliases: [], removed: null, version: 0 },
    })
    const { keys, next } = await store.admin.pageKeys('', 3)
    assert.ok(next)
    const rest = await store.admin.pageKeys(next, 3)
    assert.deepEqual([...keys, ...rest.keys].sort(), [A, B, C, D])
  })

  test(`${engine}: a spike is a page with more hits than usual, with what did not count`, async (t) => {
    const store = await open(t)
    for (let hour = 1; hour <= 100; hour++) await count(store, A, 2, T0 - hour * HOUR)
    await count(store, A, 20)
    await count(store, B, 5)
    await count(store, C, 50)
    await count(store, D, 1, T0 - HOUR)
    for (let visit = 0; visit < 3; visit++) store.recordUncounted(B, 'bot', T0)
    await store.writeUncounted()
    await store.maintain(T0 + 60 * HOUR)
    await change(store, { action: 'remove', page: C })
    const spikes = await store.admin.spikes(NOON, 9)
    assert.deepEqual(
      spikes.map((spike) => [spike.page, spike.hits, spike.uncounted]),
      [
        [A, 20, []],
        [B, 5, [{ outcome: 'bot', visits: 3 }]],
      ],
    )
    assert.ok(Math.abs((spikes[0]?.usual ?? 0) - 200 / 168) < 1e-9)
    assert.equal((await store.admin.spikes(NOON, 1)).length, 1)
    assert.deepEqual(await store.admin.spikes(NOON + 1, 9), [])

    await change(store, { action: 'take-back', page: A, hour: NOON })
    assert.equal(await readCount(store, A), 200)
    assert.equal(await sumOf(store, A, { from: NOON, to: NOON + 1 }), 0)
    assert.deepEqual(await count(store, A, 1), [201])
  })

  test(`${engine}: every change is an entry in the audit log, also under old addresses`, async (t) => {
    const store = await open(t)
    const first = await store.admin.versions()
    await count(store, A, 3)
    await count(store, B, 2)
    const act = (at: number, ...changes: Change[]) =>
      store.admin.change(changes, { actor: 'key docs', reason: `reason ${at}`, at: T0 + at })
    await act(0, { action: 'set', page: B, hits: 2 })
    await act(1, { action: 'set', page: A, hits: 10 }, { action: 'add', page: A, hits: -1 })
    await act(2, { action: 'take-back', page: A, hour: NOON })
    await act(3, { action: 'rename', page: A, to: C, alias: true })
    await act(4, { action: 'merge', page: B, into: A })
    await act(5, { action: 'remove', page: B }, { action: 'restore', page: A })
    await act(6, { action: 'reset', page: C }, { action: 'unalias', page: A })
    await act(7, { action: 'set', page: D, hits: 1 }, { action: 'remove', page: D })
    await act(8, { action: 'purge', page: D })
    const all = await store.admin.audit({ page: null, before: null, limit: 99 })
    const hour = '2026-01-15T12:00:00.000Z'
    assert.deepEqual(
      all.map(({ action, page: name, before, after }) => [action, name, before, after]).reverse(),
      [
        ['set', B, { hits: 2 }, { hits: 2 }],
        ['set', A, { hits: 3 }, { hits: 10 }],
        ['add', A, { hits: 10 }, { hits: 9 }],
        ['take-back', A, { hits: 9 }, { hits: 6, hour }],
        ['rename', A, { page: A }, { page: C, alias: true }],
        ['merge', B, { hits: 2 }, { page: C, hits: 8 }],
        ['remove', C, { hits: 8 }, null],
        ['restore', C, null, { hits: 8 }],
        ['reset', C, { hits: 8 }, { hits: 0 }],
        ['unalias', A, { page: C }, null],
        ['set', D, null, { hits: 1 }],
        ['remove', D, { hits: 1 }, null],
        ['purge', D, { hits: 1 }, null],
      ],
    )
    const [newest] = all
    assert.deepEqual([newest?.actor, newest?.reason, newest?.at], ['key docs', 'reason 8', T0 + 8])
    const ids = all.map(({ id }) => id)
    assert.deepEqual(
      ids,
      ids.toSorted((one, other) => other - one),
    )
    const ofB = await store.admin.audit({ page: B, before: null, limit: 99 })
    assert.deepEqual(
      ofB.map(({ action }) => action),
      (await store.admin.audit({ page: C, before: null, limit: 99 })).map(({ action }) => action),
    )
    for (const action of ['set', 'merge', 'remove', 'restore', 'reset'])
      assert.ok(
        ofB.some((entry) => entry.action === action),
        action,
      )
    const [second, third] = await store.admin.audit({ page: D, before: newest?.id ?? 0, limit: 2 })
    assert.deepEqual([second?.action, third?.action], ['remove', 'set'])

    await store.admin.record({
      ...DEED,
      action: 'look',
      page: null,
      before: 1,
      after: { two: [2] },
    })
    const [looked] = await store.admin.audit({ page: null, before: null, limit: 1 })
    assert.deepEqual(looked, {
      ...{ ...DEED, id: looked?.id, action: 'look', page: null, before: 1, after: { two: [2] } },
    })
    const last = await store.admin.versions()
    assert.ok(last.pages > first.pages)
    assert.equal(last.rules, first.rules)
  })

  test(`${engine}: a version grows with every change, and another one refuses the change`, async (t) => {
    const store = await open(t)
    await count(store, A, 1)
    await count(store, B, 1)
    const versionOf = async (name: PageKey) => (await state(store, name))?.version ?? -1
    assert.equal(await versionOf(A), 0)
    const seen: number[] = [0]
    const steps: Change[] = [
      { action: 'set', page: A, hits: 1 },
      { action: 'remove', page: A },
      { action: 'restore', page: A },
      { action: 'reset', page: A },
      { action: 'merge', page: B, into: A },
      { action: 'unalias', page: B },
    ]
    for (const step of steps) {
      await change(store, step)
      seen.push(await versionOf(A))
      assert.ok((seen.at(-1) as number) > (seen.at(-2) as number), step.action)
    }
    const ifVersion = seen.at(-2) as number
    await assert.rejects(change(store, { action: 'set', page: A, hits: 5, ifVersion }), {
      code: 'changed',
      message: /changed meanwhile.*session 1/,
    })
    const present = seen.at(-1) as number
    await change(
      store,
      { action: 'set', page: A, hits: 5, ifVersion: present },
      { action: 'add', page: A, hits: 1, ifVersion: present },
    )
    assert.equal(await readCount(store, A), 6)
    await change(store, { action: 'set', page: C, hits: 1, ifVersion: 0 })
    const first = { action: 'add', page: A, hits: 0 } as const
    for (const second of [
      { action: 'restore', page: A },
      { action: 'set', page: A, hits: 5, ifVersion: 99 },
      { action: 'set', page: A, hits: -1 },
    ] as const) {
      await assert.rejects(change(store, first, second), { place: 1 })
    }
    await assert.rejects(change(store, { action: 'set', page: D, hits: 5, ifVersion: 3 }), {
      code: 'changed',
    })
  })

  test(`${engine}: rules are kept until they are removed or end`, async (t) => {
    const store = await open(t)
    const { version } = await store.admin.rules(T0)
    const rule = {
      ...DEED,
      kind: 'ban',
      pattern: '192.0.2.0/24',
      replacement: '',
      endsAt: null,
    } as const
    const added = await store.admin.addRules([
      rule,
      { ...rule, kind: 'page-rule', pattern: 'a/*', replacement: 'a', endsAt: T0 + 5 },
    ])
    const [first, second] = added
    assert.ok(first && second && second.id > first.id)
    assert.deepEqual(first, { ...rule, id: first.id })
    const stored = await store.admin.rules(T0)
    assert.deepEqual(stored.rules, added)
    assert.ok(stored.version > version)
    assert.equal((await store.admin.versions()).rules, stored.version)
    assert.deepEqual((await store.admin.rules(T0 + 5)).rules, [first])
    await assert.rejects(store.admin.removeRules([first.id, 999_999], DEED), {
      code: 'no_such_entry',
    })
    assert.equal((await store.admin.rules(T0)).rules.length, 2)
    await store.admin.removeRules([second.id], DEED)
    assert.deepEqual((await store.admin.rules(T0)).rules, [first])
    assert.ok((await store.admin.versions()).rules > stored.version)
    const late = store.admin.addRules([rule, rule], stored.version)
    await assert.rejects(late, { code: 'changed', message: /lists were changed meanwhile/ })
    const { version: present, rules } = await store.admin.rules(T0)
    assert.deepEqual(rules, [first], 'nothing was added')
    const [third] = await store.admin.addRules([rule], present)
    assert.ok(third && third.id > second.id, 'no id is given twice')
    const entries = await store.admin.audit({ page: null, before: null, limit: 9 })
    assert.deepEqual(
      entries.map(({ action }) => action),
      ['add-rule', 'remove-rule', 'add-rule', 'add-rule'],
    )
  })

  test(`${engine}: housekeeping removes rules that ended, a number at a time`, async (t) => {
    const { admin } = await open(t)
    const rule = { ...DEED, kind: 'exclude', pattern: '192.0.2.1', replacement: '' } as const
    const ended = Array.from({ length: 101 }, () => ({ ...rule, endsAt: T0 + 9 }))
    const [, , late, never] = await admin.addRules([
      ...ended.slice(0, 2),
      { ...rule, endsAt: T0 + 10 },
      { ...rule, endsAt: null },
      ...ended.slice(2),
    ])
    const versions = await admin.versions()
    const swept: number[] = []
    for (let times = 0; times < 3; times++) swept.push(await admin.sweepRules(T0 + 10, T0 + 20))
    assert.deepEqual(swept, [100, 1, 0])
    assert.deepEqual((await admin.rules(T0)).rules, [late, never])
    assert.deepEqual(await admin.versions(), versions)
    const entries = await admin.audit({ page: null, before: null, limit: 102 })
    assert.deepEqual(
      entries.map(({ action }) => action),
      [...Array(101).fill('remove-rule'), 'add-rule'],
    )
    const { actor, reason, at, before } = entries[0] as (typeof entries)[0]
    assert.deepEqual(
      [actor, reason, at],
      ['housekeeping', `ended before ${new Date(T0 + 10).toISOString()}`, T0 + 20],
    )
    const { kind, pattern, replacement } = rule
    assert.deepEqual(before, { id: (before as { id: number }).id, kind, pattern, replacement })
  })

  test(`${engine}: a link works once and in time`, async (t) => {
    const { admin } = await open(t)
    await admin.addLink('aa', T0 + 10)
    await admin.addLink('bb', T0 + 10)
    assert.equal(await admin.useLink('cc', T0), false)
    assert.equal(await admin.useLink('aa', T0 + 9), true)
    assert.equal(await admin.useLink('aa', T0 + 9), false)
    assert.equal(await admin.useLink('bb', T0 + 10), false)
    await admin.addLink('dd', T0 + 10)
    const tries = await Promise.all(Array.from({ length: 9 }, () => admin.useLink('dd', T0)))
    assert.equal(tries.filter(Boolean).length, 1)
    await admin.addLink('ee', T0 + 10)
    await admin.sweepSecrets(T0 + 10)
    assert.equal(await admin.useLink('ee', T0), false)
  })

  test(`${engine}: a session lasts while it is used, and ends when it is ended`, async (t) => {
    const { admin } = await open(t)
    const lasts = 10 * HOUR
    const session = { at: T0, seenAt: T0, endsAt: T0 + lasts, browser: 'Firefox on Linux' }
    const one = await admin.addSession('aa', session, DEED)
    const two = await admin.addSession('bb', { ...session, browser: 'Safari' }, DEED)
    assert.equal(await admin.session('cc', T0, lasts), null)
    const soon = T0 + 59_999
    assert.deepEqual(await admin.session('aa', soon, lasts), { ...session, id: one })
    const later = T0 + 60_000
    const renewed = { ...session, id: one, seenAt: later, endsAt: later + lasts }
    assert.deepEqual(await admin.session('aa', later, lasts), renewed)
    assert.deepEqual(await admin.session('aa', later + 1, lasts), renewed)
    assert.deepEqual(
      (await admin.sessions(later)).map(({ id }) => id),
      [one, two],
    )
    assert.equal(await admin.session('bb', T0 + lasts, lasts), null, 'it has ended')
    assert.deepEqual(await admin.sessions(T0 + lasts), [renewed])
    await admin.endSessions([one], DEED)
    assert.equal(await admin.session('aa', later, lasts), null)
    await admin.addLink('ee', T0 + lasts)
    await admin.endSessions('all', DEED)
    assert.equal(await admin.useLink('ee', T0), false, 'links end with all sessions')
    assert.deepEqual(await admin.sessions(T0), [])
    const three = await admin.addSession('dd', session, DEED)
    assert.ok(three > two, 'no id is given twice')
    await admin.sweepSecrets(T0 + lasts)
    assert.equal(await admin.session('dd', T0, lasts), null)
    const entries = await admin.audit({ page: null, before: null, limit: 9 })
    assert.deepEqual(
      entries.map(({ action }) => action),
      ['sign-in', 'end-session', 'end-session', 'sign-in', 'sign-in'],
    )
    assert.doesNotMatch(JSON.stringify(entries), /"(aa|bb|dd)"/)
  })

  test(`${engine}: a key works until it is revoked, and shows when it was used`, async (t) => {
    const { admin } = await open(t)
    const key = await admin.addKey('aa', { name: 'docs', prefix: 'github.com/me' }, DEED)
    assert.deepEqual(key, {
      ...{
        id: key.id,
        name: 'docs',
        prefix: 'github.com/me',
        at: T0,
        usedAt: null,
        revokedAt: null,
      },
    })
    assert.equal(await admin.key('bb', T0), null)
    assert.deepEqual(await admin.key('aa', T0), { ...key, usedAt: T0 })
    assert.deepEqual(await admin.key('aa', T0 + 59_999), { ...key, usedAt: T0 })
    assert.deepEqual(await admin.key('aa', T0 + 60_000), { ...key, usedAt: T0 + 60_000 })
    await admin.revokeKey(key.id, { ...DEED, at: T0 + 60_001 })
    assert.equal(await admin.key('aa', T0), null)
    assert.deepEqual(await admin.keys(), [{ ...key, usedAt: T0 + 60_000, revokedAt: T0 + 60_001 }])
    for (const id of [key.id, 999])
      await assert.rejects(admin.revokeKey(id, DEED), { code: 'no_such_entry' })
  })

  test(`${engine}: a change that cannot be made says why, and leaves the database as it was`, async (t) => {
    const place = await PLACES[engine](t)
    const store = await place.open({ maxPages: 5 })
    t.after(() => store.close())
    const [old, alias, few] = ['old.example', 'alias.example', 'few.example'].map(page) as [
      PageKey,
      PageKey,
      PageKey,
    ]
    await count(store, A, 5)
    await count(store, B, 2)
    await count(store, C, 1)
    await count(store, old, 3, T0 - 100 * HOUR)
    await count(store, few, 5)
    await store.maintain(T0 + HOUR)
    await store.rollUpHours(NOON - 36, { after: '', pages: 100 })
    await change(
      store,
      { action: 'rename', page: A, to: alias, alias: true },
      { action: 'rename', page: alias, to: page('a.example/y'), alias: true },
      { action: 'remove', page: C },
      { action: 'set', page: few, hits: 3 },
      { action: 'set', page: B, hits: MAX_HITS - 4 },
    )
    const now = page('a.example/y')
    const limit = MAX_HITS.toLocaleString('en')
    const set = (hits: unknown): Change => ({ action: 'set', page: A, hits: hits as number })
    const add = (hits: unknown): Change => ({ action: 'add', page: B, hits: hits as number })
    const merge = (name: PageKey, into: PageKey): Change => ({ action: 'merge', page: name, into })
    const rename = (to: PageKey): Change => ({ action: 'rename', page: A, to, alias: true })
    const simple = (action: 'reset' | 'unalias' | 'remove' | 'restore' | 'purge', name: PageKey) =>
      ({ action, page: name }) as Change
    const takeBack = (name: PageKey, hour: unknown): Change => {
      return { action: 'take-back', page: name, hour: hour as number }
    }
    const TABLE: [refused: Change[], says: RegExp, code?: string][] = [
      ...[-1, 0.5, MAX_HITS + 1, Number.NaN, Number.POSITIVE_INFINITY, '5', null].map(
        (hits): [Change[], RegExp] => [[set(hits)], /has to be whole, and from 0 to 9,007,/],
      ),
      ...[0.5, Number.NaN, -MAX_HITS - 1, MAX_HITS + 1, '1'].map((hits): [Change[], RegExp] => [
        [add(hits)],
        /has to be a whole number/,
      ]),
      [[add(-MAX_HITS)], /would be -4: it cannot be below 0/],
      [[add(5)], new RegExp(`above ${limit}`)],
      [[{ action: 'add', page: D, hits: -1 }], /cannot be below 0/],
      [[{ action: 'set', page: D, hits: 1 }], /./, 'too_many_pages'],
      [[{ action: 'set', page: C, hits: 1 }], /c\.example\/y is removed: restore it first/],
      [[{ action: 'add', page: C, hits: 1 }], /is removed: restore it first/],
      [[simple('reset', C)], /is removed: restore it first/],
      [[simple('reset', D)], /knows no page d\.example/, 'no_such_page'],
      [[merge(B, B)], /cannot be merged into itself/],
      [[merge(now, A)], /cannot be merged into itself or into one of its own addresses/],
      [[merge(alias, A)], /cannot be merged into itself/],
      [[merge(now, C)], /c\.example\/y is removed/],
      [[merge(C, A)], /c\.example\/y is removed/],
      [[merge(D, A)], /knows no page/, 'no_such_page'],
      [[merge(A, D)], /knows no page/, 'no_such_page'],
      [[merge(few, B), merge(now, B)], new RegExp(`above ${limit}`)],
      [[rename(A)], /has that address already/],
      [[rename(now)], /is a page already/],
      [[rename(B)], /b\.example is a page already: merge the pages/],
      [[rename(C)], /is a page already/],
      [[rename(alias)], /alias\.example is an old address of a\.example\/y/],
      [[{ action: 'rename', page: C, to: D, alias: false }], /is removed/],
      [[{ action: 'rename', page: D, to: page('e.example'), alias: false }], /./, 'no_such_page'],
      [[simple('unalias', B)], /b\.example is a page, not the old address of one/],
      [[simple('unalias', D)], /knows no page/, 'no_such_page'],
      [[simple('purge', A)], /only a removed page can be purged/],
      [[simple('purge', D)], /knows no page/, 'no_such_page'],
      [[simple('restore', A)], /is not removed/],
      [[simple('restore', D)], /knows no page/, 'no_such_page'],
      [[simple('remove', C)], /is removed already/],
      [[simple('remove', D)], /knows no page/, 'no_such_page'],
      [[takeBack(now, NOON + 1)], /no hits in the hour 2026-01-15T13:00/],
      [[takeBack(old, NOON - 100)], /kept by the day/],
      [[takeBack(few, NOON)], /has 3 hits, fewer than the 5 of that hour/],
      [[takeBack(C, NOON)], /is removed/],
      [[takeBack(D, NOON)], /knows no page/, 'no_such_page'],
      ...[-1, 0.5, 1e16, Number.NaN].map((hour): [Change[], RegExp] => [
        [takeBack(now, hour)],
        /whole hours/,
      ]),
      [[{ ...set(1), ifVersion: 99_999 }], /was changed meanwhile, last by session 1/, 'changed'],
      [[{ ...set(1), ifVersion: 0 }], /was changed meanwhile/, 'changed'],
      [[{ ...simple('remove', D), ifVersion: 1 }], /was changed meanwhile/, 'changed'],
      [[{ ...set(1), ifVersion: -1 }], /has to be a whole number/],
      [
        Array.from({ length: 10_001 }, () => set(1)),
        /at most 10,000 changes, and this one has 10,001/,
      ],
      // What comes before a change that is refused is not made either.
      [
        [set(9), merge(few, A), simple('remove', A), simple('restore', B)],
        /b\.example is not removed/,
      ],
      [[rename(D), { action: 'add', page: D, hits: 7 }, simple('restore', A)], /is not removed/],
      [[simple('purge', C), simple('reset', C)], /knows no page/, 'no_such_page'],
    ]
    // On SQLite, this hit waits in the journal.
    assert.deepEqual(await count(store, now, 1), [6])
    const before = await place.dump()
    for (const [refused, message, code = 'bad_change'] of TABLE) {
      const name = JSON.stringify(refused.slice(0, 3))
      await assert.rejects(change(store, ...refused), { code, message }, name)
      assert.deepEqual(await place.dump(), before, name)
    }
    assert.deepEqual(await change(store), [])
    assert.deepEqual(await place.dump(), before)
    assert.deepEqual(await count(store, A, 2), [7, 8])
    assert.deepEqual(await count(store, few, 1), [4])
    assert.equal(await readCount(store, B), MAX_HITS - 4)
  })

  test(`${engine}: pages with the largest numbers are in all lists, and go on to count`, async (t) => {
    const store = await open(t)
    // Their sum is more than 2^63.
    const many = Array.from({ length: 1100 }, (_, place) => page(`many.example/${place}`))
    await change(
      store,
      ...[A, ...many].map((name) => ({ action: 'set', page: name, hits: MAX_HITS }) as const),
    )
    await count(store, A, 2)
    const { hosts, pages } = await store.top({ ...ALL, hosts: 2, pages: 1 })
    assert.deepEqual(
      hosts.map(({ name }) => name),
      ['many.example', 'a.example'],
    )
    assert.deepEqual(
      pages.map(({ name }) => name),
      [A],
    )
    const list = await store.admin.pages({
      ...{ part: 'a.example', sort: 'hits', removed: false, after: '', limit: 1, today: TODAY },
    })
    assert.deepEqual(
      list.pages.map((each) => each.page),
      [A],
    )
  })

  test(`${engine}: the audit log cannot be changed`, async (t) => {
    const place = await PLACES[engine](t)
    const store = await place.open({})
    await store.admin.record({ ...DEED, action: 'look', page: A, before: null, after: null })
    await store.close()
    for (const sql of [
      "update audit set reason = 'none'",
      'delete from audit',
      ...(engine === 'sqlite' ? ['insert or replace into audit select * from audit'] : []),
    ])
      await assert.rejects(place.run(sql), /entries of the audit log/, sql)
    assert.equal((await place.dump()).audit?.length, 1)
  })

  test(`${engine}: housekeeping purges what was removed long ago, and leaves the rest`, async (t) => {
    const store = await open(t)
    const names = Array.from({ length: 25 }, (_, at) => page(`old.example/${at}`))
    await change(store, ...names.map((name): Change => ({ action: 'set', page: name, hits: 1 })))
    const remove = (name: PageKey): Change => ({ action: 'remove', page: name })
    await store.admin.change(names.slice(0, 24).map(remove), DEED)
    await store.admin.change(names.slice(24).map(remove), { ...DEED, at: T0 + 5 })
    let purged = 0
    for (let some = -1; some !== 0; purged += some)
      some = await store.admin.purgeRemoved(T0 + 1, T0 + 9)
    assert.equal(purged, 24)
    assert.equal(await state(store, names[0] as PageKey), null)
    assert.equal((await state(store, names[24] as PageKey))?.hits, 1)
    const [entry] = await store.admin.audit({ page: names[0] as PageKey, before: null, limit: 1 })
    assert.deepEqual([entry?.actor, entry?.action, entry?.at], ['housekeeping', 'purge', T0 + 9])
  })

  test(`${engine}: pages that an operator has changed are not removed as idle`, async (t) => {
    const store = await open(t)
    for (const name of [A, B, C, D, page('last.example')]) await count(store, name, 1)
    await change(store, { action: 'remove', page: A }, { action: 'merge', page: B, into: C })
    await store.maintain(T0 + HOUR)
    const rule = { below: 10, beforeHour: NOON + 36 }
    const { removed } = await store.removeIdle(rule, { after: '', pages: 100 })
    assert.ok(removed >= 1)
    assert.equal(await state(store, D), null)
    assert.equal((await state(store, A))?.hits, 1)
    assert.equal(await readCount(store, B), 2)
    await change(store, { action: 'restore', page: A })
    assert.deepEqual(await count(store, A, 1), [2])
    assert.deepEqual(await count(store, D, 1), [1])
  })
}
