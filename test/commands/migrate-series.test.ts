import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import { migrateCommand } from '../../src/commands/migrate.ts'
import { movePages } from '../../src/database/postgres/moved.ts'
import { openForOperator } from '../../src/database/postgres/operator.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSource } from '../../src/database/sqlite/source.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import type { PageKey } from '../../src/page.ts'
import { readCount, temporaryFolder } from '../harness/app.ts'
import { engines } from '../harness/engines.ts'
import { makeDatabase, run } from '../harness/postgres.ts'

const DAY_HOURS = 24
const HOUR = 3_600_000
const FIRST_DAY = Date.UTC(2026, 6, 1) / HOUR / DAY_HOURS
const PAGES = 3
/** As long as a series may last. */
const DAYS = 60

/** What is done, to the file that is moved, to the database that it goes to, or to both. */
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('hit', 'hit', 'note'),
      page: fc.nat(PAGES - 1),
      /** Before now: late hits go to yesterday at the earliest. */
      hoursAgo: fc.nat(20),
      young: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('later'), hours: fc.integer({ min: 1, max: 40 }) }),
  },
  // Days of which the hours are kept: with none even today is folded, as a clock that is ahead may do.
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('fold'), days: fc.nat(2), young: fc.boolean() }),
  },
)

const skip = !engines().includes('postgres')

test('any series of visits, folds and moves ends at the sums', { skip }, async (t) => {
  const databaseFile = join(temporaryFolder(t), 'old.db')
  const databaseUrl = await makeDatabase(t)
  const [old, young] = [await openSqliteStore(databaseFile), await openPostgresStore(databaseUrl)]
  const operator = await openForOperator(databaseUrl)
  t.after(() => Promise.all([old, young, operator].map((each) => each.close())))
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 8, maxLength: 30 }), async (actions) => {
      runs += 1
      const pages = Array.from({ length: PAGES }, (_, page) => `${runs}.example/${page}` as PageKey)
      const counts = new Map<PageKey, number>(pages.map((page) => [page, 0]))
      const visits = new Map<string, number>()
      // The second hour of a day, so that late hits are of the day before.
      let hour = FIRST_DAY * DAY_HOURS + 2
      /** As the command does, but on the same connection again. */
      const move = async () => {
        await old.writeNotes()
        const source = openSource(databaseFile)
        const { gone } = await movePages(operator, source, 'old', hour * HOUR, () => {})
        source.close()
        assert.equal(gone, 0)
      }
      for (const each of actions) {
        if (each.kind === 'move') await move()
        else if ('hours' in each) hour += each.hours
        else if ('days' in each) {
          const slice = { after: '', pages: 1000 }
          const before = (Math.floor(hour / DAY_HOURS) + 1 - each.days) * DAY_HOURS
          await (each.young ? young : old).foldHours(before, slice)
        } else if ('page' in each) {
          const page = pages[each.page] as PageKey
          const at = (hour - each.hoursAgo) * HOUR
          const outcome = each.kind === 'hit' ? 'counted' : 'bot'
          const store = each.young ? young : old
          if (each.kind === 'hit') {
            await store.count({ page, at, window: null })
            counts.set(page, (counts.get(page) ?? 0) + 1)
          } else store.note(page, 'bot', at)
          const key = `${page} ${Math.floor(at / HOUR / DAY_HOURS)} ${outcome}`
          visits.set(key, (visits.get(key) ?? 0) + 1)
        }
      }
      await move()
      const days = Array.from({ length: DAYS }, (_, day) => FIRST_DAY - 1 + day)
      const found = new Map<string, number>()
      for (const page of pages) {
        assert.equal(await readCount(young, page), counts.get(page))
        const spans = days.map((day) => ({ from: day * DAY_HOURS, to: (day + 1) * DAY_HOURS }))
        for (const [at, tallies] of (await young.history(page, spans)).entries()) {
          for (const { outcome, visits: many } of tallies)
            found.set(`${page} ${days[at]} ${outcome}`, many)
        }
      }
      assert.deepEqual(found, visits)
    }),
    { numRuns: 10 },
  )
  // Which compares the sums of all.
  await migrateCommand(['--source=old'], { databaseFile, databaseUrl }, 0, {
    print() {},
    warn() {},
  })
  const below =
    'select hits from page_hour where hits <= 0 union select hits from page_day where hits <= 0 ' +
    'union select visits from page_outcome where visits <= 0'
  assert.deepEqual(await run(databaseUrl, below), [])
})
