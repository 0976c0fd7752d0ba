import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import Database from 'better-sqlite3'
import { openSqliteStore } from '../src/database/sqlite.ts'
import { keepHouse } from '../src/housekeeping.ts'
import type { PageKey } from '../src/page.ts'
import { Recognition } from '../src/recognition.ts'
import { T0, temporaryFolder } from './harness/app.ts'

const DAY = 86_400_000
const page = 'p.example' as PageKey

test('housekeeping removes ended windows, writes uncounted visits, rolls up, prunes and purges', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const store = await openSqliteStore(file)
  t.after(() => store.close())
  const recognition = new Recognition({
    windowMs: 300_000,
    limit: 1,
    pageLimit: 0,
    fingerprint: false,
  })
  const window = { secret: 'secretsecret', endsAt: T0 + 300_000 }
  for (const daysAgo of [0, 3, 9]) {
    await store.count({ page, at: T0 - daysAgo * DAY, window: daysAgo === 0 ? window : null })
  }
  store.recordUncounted(page, 'bot', T0)
  for (const [name, daysAgo] of [
    ['old.example', 31],
    ['new.example', 29],
  ] as const) {
    const removed = name as PageKey
    await store.admin.change(
      [
        { action: 'set', page: removed, hits: 1 },
        { action: 'remove', page: removed },
      ],
      { actor: 'test', reason: '', at: T0 - daysAgo * DAY },
    )
  }
  const rule = { kind: 'ban', replacement: '', actor: 'test', reason: '', at: T0 } as const
  await store.admin.addRules(
    [31, 29].map((daysAgo) => ({
      ...rule,
      pattern: `192.0.2.${daysAgo}`,
      endsAt: T0 - daysAgo * DAY,
    })),
  )
  const recognise = () =>
    recognition.recognise({ address: '192.0.2.1', agent: '', site: '' }, page, T0)
  recognise().admit()
  const errors: unknown[] = []
  let now = T0
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  const stop = keepHouse(store, {
    windowMs: 300_000,
    keepHoursDays: 2,
    keepHistoryDays: 5,
    purgeDays: 30,
    recognition,
    now: () => now,
    onError: (error) => errors.push(error),
  })
  t.after(stop)
  const look = new Database(file, { readonly: true })
  t.after(() => look.close())
  const rows = (table: string) => look.prepare(`select count(*) from ${table}`).pluck().get()
  const until = async (done: () => boolean, ms: number, what: string) => {
    for (let tries = 0; !done(); tries++) {
      assert.ok(tries < 200, what)
      t.mock.timers.tick(ms)
      // The thread answers this after the work that the tick has started.
      for (let turns = 0; turns < 20; turns++) await store.ping()
    }
  }
  await until(() => rows('page_outcome where page_id > 0') === 1, 1000, 'notes are written')
  assert.equal(rows('token'), 1)
  assert.ok(recognise().limitedUntil !== null)
  now += 300_000
  await until(() => rows('token') === 0, 1000, 'tokens are removed')
  assert.equal(recognise().limitedUntil, null, 'the visit is forgotten')
  await until(() => rows('page_day where page_id > 0') === 1, 60_000, 'hours are rolled up')
  assert.deepEqual(await store.sums(page, [{ from: 0, to: 1e9 }]), [2], 'one is removed')
  await until(
    () => rows('removed_page') === 1,
    60_000,
    'the page that was removed long ago is purged',
  )
  await until(() => rows('rule') === 1, 60_000, 'the rule that ended long ago is removed')
  assert.notEqual(await store.admin.page('new.example' as PageKey, { from: 0, to: 1 }), null)
  assert.deepEqual(errors, [])
})
