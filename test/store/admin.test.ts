import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { Change, Deed } from '../../src/admin.ts'
import type { StoreOptions } from '../../src/database/options.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { normalizePage, type PageKey } from '../../src/page.ts'
import type { Store } from '../../src/store.ts'
import { ALL, historyOf, isLive, readCount, sumOf, T0, temporaryFolder } from '../harness/app.ts'
import { type Engine, engines } from '../harness/engines.ts'
import { makeFileDatabase } from '../harness/postgres.ts'

const emptyDatabase = engines().includes('postgres')
  ? await makeFileDatabase()
  : () => assert.fail('there is no PostgreSQL')

type Opener = (options?: Partial<StoreOptions>) => Promise<Store>

/** Opens a new store of each engine; a second call opens the same one again. */
const OPENERS: Record<Engine, (t: TestContext) => Promise<Opener>> = {
  sqlite: async (t) => {
    const file = join(temporaryFolder(t), 'store.db')
    return (options) => openSqliteStore(file, options)
  },
  postgres: async () => {
    const url = await emptyDatabase()
    return (options) => openPostgresStore(url, options)
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
    const store = await (await OPENERS[engine](t))(options)
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
}
