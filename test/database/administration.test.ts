import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import fc from 'fast-check'
import type { Change } from '../../src/admin.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import type { PageKey } from '../../src/page.ts'
import { Refusal } from '../../src/refusal.ts'
import type { Store } from '../../src/store.ts'
import { isLive, readCount, T0, temporaryFolder } from '../harness/app.ts'

const [A, B, C] = ['a.example', 'b.example', 'c.example'] as [PageKey, PageKey, PageKey]
const HOUR = T0 / 3_600_000
const DAY = { from: HOUR, to: HOUR + 24 }
const LIST = { part: '', sort: 'hits', removed: false, after: '', limit: 9, today: DAY } as const

async function count(store: Store, page: PageKey): Promise<number> {
  return (await store.count({ page, at: T0, window: null })).count
}

const change = (store: Store, ...changes: Change[]) =>
  store.admin.change(changes, { actor: 'test', reason: '', at: T0 })

function fileOf(t: TestContext): string {
  return join(temporaryFolder(t), 'store.db')
}

async function open(t: TestContext, file: string, options = {}): Promise<Store> {
  const store = await openSqliteStore(file, options)
  t.after(() => store.close())
  return store
}

test('what an operator does by one service holds at once on another with the same file', async (t) => {
  const file = fileOf(t)
  const [one, other] = [await open(t, file), await open(t, file)]
  for (const store of [one, other]) for (const page of [A, B, C]) await count(store, page)
  await change(one, { action: 'merge', page: A, into: B }, { action: 'remove', page: C })
  await assert.rejects(count(other, C), { code: 'removed' })
  const counts: number[] = []
  for (const page of [A, B, A, B])
    for (const store of [one, other]) counts.push(await count(store, page))
  assert.deepEqual(counts, [5, 6, 7, 8, 9, 10, 11, 12])
  await change(other, { action: 'set', page: A, hits: 100 }, { action: 'restore', page: C })
  assert.equal(await count(one, A), 101)
  assert.equal(await count(one, C), 3)
})

test('the id of the newest page is not given again when that is purged or merged', async (t) => {
  const store = await open(t, fileOf(t), { maxPages: 3 })
  await count(store, A)
  const window = { secret: 'secretsecret', endsAt: T0 + 1000 }
  const { token } = await store.count({ page: B, at: T0, window })
  await change(store, { action: 'remove', page: B }, { action: 'purge', page: B })
  await count(store, C)
  assert.ok(token && !(await isLive(store, C, token, T0)))
  await change(store, { action: 'merge', page: C, into: A })
  // The limit counts the pages that there are: one is, and two may be made.
  for (const page of ['x', 'y']) await count(store, page as PageKey)
  await assert.rejects(count(store, 'z' as PageKey), { code: 'too_many_pages' })
})

test('a list is read to its end when the store closes meanwhile, and later ones are refused', async (t) => {
  const store = await openSqliteStore(fileOf(t))
  await count(store, A)
  const [list, closed] = [store.admin.pages(LIST), store.close()]
  assert.equal((await list).pages[0]?.page, A)
  await closed
  await assert.rejects(store.admin.pages(LIST), { code: 'unavailable' })
  await assert.rejects(store.admin.versions(), { code: 'unavailable' })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const again = await open(t, fileOf(t))
  for (let times = 0; times < 2; times++) {
    assert.deepEqual((await again.admin.pages(LIST)).pages, [])
    // The thread ends when no list was read for a minute; the next list starts it again.
    t.mock.timers.tick(60_000)
  }
})

test('after any hits and changes, the disk holds what is in memory', async (t) => {
  const folder = temporaryFolder(t)
  const store = await open(t, join(folder, 'store.db'))
  const pages = [A, B, C]
  const page = fc.constantFrom(...pages)
  const hits = fc.integer({ min: 0, max: 9 })
  const step = fc.oneof(
    fc.record({ count: page, times: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ action: fc.constant('set'), page, hits }),
    fc.record({ action: fc.constant('add'), page, hits }),
    fc.record({ action: fc.constant('merge'), page, into: page }),
    fc.record({ action: fc.constant('rename'), page, to: page, alias: fc.boolean() }),
    fc.record({ action: fc.constant('take-back'), page, hour: fc.constant(HOUR) }),
    fc.record({
      action: fc.constantFrom('reset', 'unalias', 'remove', 'restore', 'purge'),
      page,
    }),
  )
  const outcome = (given: Promise<unknown>) =>
    given.catch((error) => (error instanceof Refusal ? error.code : assert.fail(error)))
  const tell = (from: Store) =>
    Promise.all(
      pages.map(async (name) => [
        await outcome(readCount(from, name)),
        await outcome(from.sums(name, [DAY, null])),
        await from.admin.page(name, DAY),
      ]),
    )
  let copies = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const each of steps) {
        if ('count' in each)
          for (let time = 0; time < each.times; time++) await outcome(count(store, each.count))
        else await outcome(change(store, each as Change))
      }
      const copy = join(folder, `copy-${copies++}.db`)
      for (const end of ['', '-wal']) copyFileSync(join(folder, `store.db${end}`), copy + end)
      const other = await openSqliteStore(copy)
      try {
        assert.deepEqual(await tell(other), await tell(store))
      } finally {
        await other.close()
      }
    }),
    { numRuns: 12 },
  )
})
