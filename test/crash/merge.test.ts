import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import type { PageKey } from '../../src/page.ts'
import { T0, temporaryFolder } from '../harness/app.ts'

const PAGES = 10_000
const KILLS = 5
const PROGRAM = join(import.meta.dirname, '../harness/merging.ts')

test(`kill -9 while ${PAGES} pages are merged leaves all of it or none`, async (t) => {
  const folder = temporaryFolder(t)
  const original = join(folder, 'original.db')
  const store = await openSqliteStore(original)
  const names = [
    'new.example',
    ...Array.from({ length: PAGES - 1 }, (_, at) => `old.example/${at}`),
  ]
  const hit = (name: string) => store.count({ page: name as PageKey, at: T0, window: null })
  await Promise.all(names.map(hit))
  await hit(`old.example/${PAGES - 1}`)
  await store.close()

  /** Runs the merge and kills it. @returns how long the merge had run, in ms */
  async function merge(file: string, killAfter: number): Promise<number> {
    copyFileSync(original, file)
    const child = spawn(process.execPath, [PROGRAM, file, String(PAGES)])
    t.after(() => child.kill('SIGKILL'))
    const exit = once(child, 'exit')
    await once(child.stdout, 'data')
    const begin = performance.now()
    await Promise.race([once(child.stdout, 'data'), exit, pause(killAfter, null, { ref: false })])
    const took = performance.now() - begin
    child.kill('SIGKILL')
    await exit
    return took
  }

  /** Whether the merge is in the file. Counters of hosts have negative ids, and the same sum. */
  function isMerged(file: string): boolean {
    const database = new Database(file)
    const read = (sql: string) => database.prepare<[], number>(sql).pluck().get()
    const ofPages = ['tally where page_id > 0', 'page_hour where page_id > 0']
    const numbers = ['page', 'alias', 'audit', ...ofPages].map((rows) =>
      read(`select count(*) from ${rows}`),
    )
    for (const rows of [...ofPages, 'tally where page_id < 0', 'page_hour where page_id < 0'])
      assert.equal(read(`select sum(hits) from ${rows}`), PAGES + 1)
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok')
    database.close()
    const merged = numbers[0] === 1
    const [all, one] = [PAGES + 1, PAGES]
    assert.deepEqual(numbers, merged ? [1, one, one, 1, 1] : [all, 0, 0, all, all])
    return merged
  }

  const whole = join(folder, 'whole.db')
  const took = await merge(whole, 60_000)
  assert.ok(isMerged(whole), 'a merge that ends is there')
  let merged = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const file = join(folder, `killed-${kill}.db`)
    // In equal parts of the time, each at a random moment.
    await merge(file, (took * (kill + Math.random())) / KILLS)
    if (isMerged(file)) merged += 1
  }
  assert.ok(merged < KILLS, 'some were killed before the commit')
})
