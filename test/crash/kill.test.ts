import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import Database from 'better-sqlite3'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { temporaryFolder } from '../harness/app.ts'
import { startServer, stopServer } from '../harness/server.ts'

const ROUNDS = 3
const CLIENTS = 32
const PAGES = ['a.example', 'b.example/x', 'c.example']

test(`kill -9 under load, ${ROUNDS} times: nothing answered is lost, nothing is made up`, async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const asked = new Map(PAGES.map((page) => [page, 0]))
  const answered = new Map(PAGES.map((page) => [page, 0]))

  for (let round = 0; round < ROUNDS; round++) {
    const server = await startServer(t, { DATABASE_FILE_PATH: file })
    let alive = true
    let answers = 0
    // Rounds end after different numbers of answers, so that the kill falls into different moments.
    const enough = 40 + round * 250
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      const page = PAGES[client % PAGES.length] as string
      while (alive) {
        asked.set(page, (asked.get(page) ?? 0) + 1)
        const count = await fetch(`${server.origin}/count?url=${page}`)
          .then((response) => response.text())
          .then(Number, () => null)
        if (count === null) return
        answered.set(page, Math.max(answered.get(page) ?? 0, count))
        answers += 1
        if (answers === enough) {
          alive = false
          await stopServer(server, 'SIGKILL')
        }
      }
    })
    await Promise.all(clients)
    assert.ok(answers >= enough, `round ${round} ended by the kill, after ${answers} answers`)

    // Otherwise the next server finds what this one left behind, and goes on from there.
    if (round % 3 !== 2) continue
    await (await openSqliteStore(file)).close()
    const look = new Database(file)
    const read = look.prepare(
      'select hits from tally join page on page.id = tally.page_id where page.key = ?',
    )
    for (const page of PAGES) {
      const stored = read.pluck().get(page) as number
      const [least, most] = [answered.get(page) ?? 0, asked.get(page) ?? 0]
      assert.ok(stored >= least, `${page}: ${stored} stored, but ${least} was answered`)
      assert.ok(stored <= most, `${page}: ${stored} stored of ${most} asked`)
    }
    assert.equal(look.pragma('integrity_check', { simple: true }), 'ok')
    const drift = look.prepare(
      'select tally.hits - (select sum(hits) from page_hour h where h.page_id = tally.page_id) from tally',
    )
    assert.deepEqual(new Set(drift.pluck().all()), new Set([0]), 'hours and totals agree')
    const ofHosts = look.prepare(`
      select tally.hits - (select sum(hits) from page join tally on page_id = page.id where host_id = host.id)
      from host join tally on page_id = -host.id`)
    assert.deepEqual(new Set(ofHosts.pluck().all()), new Set([0]), 'hosts are the sums of pages')
    look.close()
  }
})
