import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { rollUpHours } from '../../src/housekeeping.ts'
import type { PageKey } from '../../src/page.ts'
import { temporaryFolder } from '../harness/app.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** In the middle of an hour and of a day, UTC. */
const NOW = Date.UTC(2026, 6, 15, 12, 30)

test('old hours are rolled up into days, and no hit is lost or moved to another day', async (t) => {
  const folder = temporaryFolder(t)
  let run = 0
  const visits = fc.array(fc.tuple(fc.nat(250), fc.nat(5 * 24)), { minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(visits, fc.integer({ min: 1, max: 4 }), async (given, days) => {
      run += 1
      const file = join(folder, `${run}.db`)
      const store = await openSqliteStore(file)
      await Promise.all(
        given.map(([number, hoursAgo]) =>
          store.count({ page: `p${number}` as PageKey, at: NOW - hoursAgo * HOUR, window: null }),
        ),
      )
      await store.close()
      const look = new Database(file)
      const byDay = () =>
        look
          .prepare(
            `select key, day, sum(hits) from (
               select page_id, hour / 24 as day, hits from page_hour
               union all select page_id, day, hits from page_day) join page on page.id = page_id
             group by key, day order by key, day`,
          )
          .raw()
          .all()
      const before = byDay()
      const again = await openSqliteStore(file)
      await rollUpHours(again, days, NOW)
      await rollUpHours(again, days, NOW)
      await rollUpHours(again, 0, NOW)
      await again.close()
      assert.deepEqual(byDay(), before)
      const firstKept = Math.floor(NOW / DAY) - days
      const kept = look.prepare('select min(hour) / 24 from page_hour').pluck().get() as
        | number
        | null
      assert.ok(kept === null || kept >= firstKept)
      const rolledUp = look.prepare('select max(day) from page_day').pluck().get() as number | null
      assert.ok(rolledUp === null || rolledUp < firstKept)
      look.close()
    }),
    { numRuns: 8 },
  )
})
