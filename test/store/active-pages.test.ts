import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { Change } from '../../src/admin.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { normalizePage } from '../../src/page.ts'
import type { Store } from '../../src/store.ts'
import { T0, temporaryFolder } from '../harness/app.ts'
import { engines } from '../harness/engines.ts'
import { makeFileDatabase } from '../harness/postgres.ts'

const emptyDatabase = engines().includes('postgres')
  ? await makeFileDatabase()
  : () => assert.fail('there is no PostgreSQL')

const page = (name: string) => normalizePage(name)
const NONE = { rules: { allow: [], deny: [] }, ignore: [] }

for (const engine of engines()) {
  async function open(t: TestContext): Promise<Store> {
    const store =
      engine === 'sqlite'
        ? await openSqliteStore(join(temporaryFolder(t), 'store.db'))
        : await openPostgresStore(await emptyDatabase())
    t.after(() => store.close())
    return store
  }
  const count = async (store: Store, name: string, times: number, at = T0) => {
    for (let time = 0; time < times; time++)
      await store.count({ page: page(name), at, window: null })
  }
  const change = (store: Store, ...changes: Change[]) =>
    store.admin.change(changes, { actor: 'test', reason: '', at: T0 })

  test(`${engine}: the pages with the most active visits come first, and hidden ones are left out`, async (t) => {
    const store = await open(t)
    await count(store, 'a.example/x', 2)
    await count(store, 'b.example', 3)
    await count(store, 'c.example', 1)
    await count(store, 'hidden.example', 5)
    await count(store, 'denied.example/x', 4)
    const query = { pages: 9, rules: { allow: [], deny: ['^denied'] }, ignore: ['^hidden'] }
    assert.deepEqual(await store.activePages(query, T0), [
      { name: 'b.example', hits: 3 },
      { name: 'a.example/x', hits: 2 },
      { name: 'c.example', hits: 1 },
    ])
    assert.deepEqual(await store.activePages({ ...NONE, pages: 1 }, T0), [
      { name: 'hidden.example', hits: 5 },
    ])
    await store.maintain(T0)
    assert.equal((await store.activePages(query, T0)).length, 3, 'also when they are rolled up')
    assert.deepEqual(await store.activePages(query, T0 + 3_600_000), [])
  })

  test(`${engine}: removed pages have no active visits to show`, async (t) => {
    const store = await open(t)
    await count(store, 'a.example', 2)
    await count(store, 'b.example', 1)
    await change(store, { action: 'remove', page: page('a.example') })
    assert.deepEqual(await store.activePages({ ...NONE, pages: 9 }, T0), [
      { name: 'b.example', hits: 1 },
    ])
  })

  test(`${engine}: an alias is resolved to its page, and any other address to itself`, async (t) => {
    const store = await open(t)
    for (const name of ['old.example', 'gone.example', 'a.example']) await count(store, name, 1)
    await change(
      store,
      { action: 'rename', page: page('old.example'), to: page('new.example'), alias: true },
      { action: 'remove', page: page('gone.example') },
    )
    const addresses = [
      'old.example',
      'new.example',
      'a.example',
      'gone.example',
      'no.example',
      'old.example',
    ]
    assert.deepEqual(await store.resolve(addresses.map(page)), [
      ...['new.example', 'new.example', 'a.example', 'gone.example', 'no.example', 'new.example'],
    ])
    assert.deepEqual(await store.resolve([]), [])
  })
}
