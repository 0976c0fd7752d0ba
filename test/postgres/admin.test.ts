import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { Change, Deed } from '../../src/admin.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { normalizePage, type PageKey } from '../../src/page.ts'
import type { Store } from '../../src/store.ts'
import { ALL, readCount, sumOf, T0 } from '../harness/app.ts'
import { makeDatabase, run } from '../harness/postgres.ts'

const A = normalizePage('a.example')
const B = normalizePage('b.example')
const C = normalizePage('c.example/x')
const HOUR = 3_600_000
const EVER = { from: -1e9, to: 1e9 }
const DEED: Deed = { actor: 'session 1', reason: 'a test', at: T0 }
const hit = (page: PageKey, at = T0) => ({ page, at, window: null })

async function open(t: TestContext, url: string): Promise<Store> {
  const store = await openPostgresStore(url, { now: () => T0 })
  t.after(() => store.close())
  return store
}

const change = (store: Store, ...changes: Change[]) => store.admin.change(changes, DEED)

test('what one service changes holds on the other, although that knows the pages', async (t) => {
  const url = await makeDatabase(t)
  const [one, other] = [await open(t, url), await open(t, url)]
  for (const store of [one, other]) for (const page of [A, A, B, C]) await store.count(hit(page))
  assert.deepEqual(await change(one, { action: 'merge', page: A, into: B }), [
    { page: B, hits: 6, removed: null, version: 1 },
  ])
  assert.equal((await other.count(hit(A))).count, 7)
  assert.equal((await other.count(hit(B))).count, 8)
  assert.equal((await one.count(hit(A))).count, 9)
  assert.equal(await readCount(other, A), 9)
  assert.equal(await sumOf(one, A, EVER), 9)
  await change(one, { action: 'remove', page: A })
  await assert.rejects(other.count(hit(A)), { code: 'removed' })
  await assert.rejects(other.count(hit(B)), { code: 'removed' })
  await assert.rejects(readCount(other, B), { code: 'removed' })
  await assert.rejects(sumOf(other, A, EVER), { code: 'removed' })
  assert.equal((await other.count(hit(C))).count, 3)
  await change(one, { action: 'restore', page: A })
  await other.maintain(T0)
  assert.equal((await other.count(hit(B))).count, 10)
  await change(one, { action: 'rename', page: B, to: A.concat('/new') as PageKey, alias: true })
  assert.equal((await other.count(hit(A))).count, 11)
  assert.equal(await sumOf(other, B, EVER), 11)
  assert.equal(await sumOf(other, B, ALL as never).catch(() => 0), 0)
  const page = await one.admin.page(A, { from: T0 / HOUR - 3, to: T0 / HOUR + 3 })
  console.log(page, await one.admin.audit({ page: A, before: null, limit: 10 }))
  for (const sort of ['hits', 'today', 'newest', 'last-seen'] as const)
    console.log(
      sort,
      await one.admin.pages({
        part: 'EXAM',
        sort,
        removed: false,
        after: '',
        limit: 1,
        today: { from: T0 / HOUR - 3, to: T0 / HOUR + 3 },
      }),
    )
  console.log(await one.admin.spikes(Math.floor(T0 / HOUR), 10))
  console.log(await run(url, 'select * from host'))
  console.log(await change(one, { action: 'take-back', page: C, hour: Math.floor(T0 / HOUR) }))
  console.log(await change(one, { action: 'reset', page: B }))
})
