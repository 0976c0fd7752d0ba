import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { readCount, temporaryFolder } from '../harness/app.ts'
import { type Server, startServer, stopServer } from '../harness/server.ts'
import { until } from '../harness/until.ts'

/** Within which it is noticed, and a little for a busy machine, in ms. */
const NOTICED_MS = 1500

async function ask({ origin }: Server, path: string) {
  const answer = await fetch(origin + path)
  return { status: answer.status, body: await answer.text() }
}

/** A service that has counted some visits, on a database in a folder of its own. */
async function counting(t: TestContext, visits: number) {
  const file = join(temporaryFolder(t), 'folder/data.db')
  const server = await startServer(t, { DATABASE_FILE_PATH: file })
  for (let visit = 1; visit <= visits; visit++) {
    assert.equal((await ask(server, '/count?url=example.com')).body, String(visit))
  }
  return { server, file }
}

async function notices(server: Server): Promise<void> {
  const since = performance.now()
  await until(async () => (await ask(server, '/healthz')).status === 503)
  const took = performance.now() - since
  assert.ok(took < NOTICED_MS, `${took} ms`)
  assert.equal((await ask(server, '/count?url=example.com')).status, 503)
  assert.equal((await ask(server, '/nocount/tag.svg?url=example.com')).status, 503)
}

async function stored(file: string): Promise<number> {
  const store = await openSqliteStore(file)
  const count = await readCount(store, 'example.com')
  await store.close()
  return count
}

/** What becomes of the file, and what the service says of it. */
const LOST: Record<string, { lose: (file: string) => void; says: RegExp }> = {
  removed: { lose: (file) => rmSync(file), says: /data\.db was removed/ },
  'removed with its folder': {
    lose: (file) => rmSync(dirname(file), { recursive: true }),
    says: /data\.db was removed/,
  },
  'replaced by a copy': {
    lose: (file) => renameSync(join(dirname(file), 'backup.db'), file),
    says: /another file was put in place of \S+data\.db/,
  },
}

for (const [name, { lose, says }] of Object.entries(LOST)) {
  test(`a database that is ${name} while it runs is noticed: 503, one line, and the end with code 1`, async (t) => {
    const { server, file } = await counting(t, 5)
    const backup = join(dirname(file), 'backup.db')
    const copy = new Database(file)
    copy.prepare('vacuum into ?').run(backup)
    copy.close()
    const ended = once(server.process, 'exit')
    lose(file)
    await notices(server)
    assert.deepEqual(await ended, [1, null])
    assert.match(server.output(), says)
    assert.match(server.errors(), /^Tallymark ends: [^\n]+\.\n$/)
    assert.match(server.errors(), says)
    if (name !== 'replaced by a copy') return
    // The log that stood beside the old file is none of the new one's.
    assert.equal(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0, 0)
    const look = new Database(file)
    assert.equal(look.pragma('integrity_check', { simple: true }), 'ok')
    look.close()
    assert.equal(await stored(file), 5)
  })
}

const OVERWRITTEN: Record<string, { content: (backup: Buffer) => Buffer; isUsable: boolean }> = {
  'an older backup': { content: (backup) => backup, isUsable: true },
  nonsense: { content: (backup) => Buffer.alloc(4 * backup.length, 0x5a), isUsable: false },
  nothing: { content: () => Buffer.alloc(0), isUsable: false },
}
for (const [name, { content, isUsable }] of Object.entries(OVERWRITTEN)) {
  test(`a database that ${name} is copied over while it runs is noticed, and its log is not written into it`, async (t) => {
    const file = join(temporaryFolder(t), 'data.db')
    const first = await startServer(t, { DATABASE_FILE_PATH: file })
    for (let visit = 1; visit <= 3; visit++) await ask(first, '/count?url=example.com')
    assert.equal(await stopServer(first), 0)
    const backup = readFileSync(file)
    const server = await startServer(t, { DATABASE_FILE_PATH: file })
    // So many that the file has grown.
    for (let round = 0; round < 40; round++) {
      await Promise.all(
        Array.from({ length: 50 }, (_, page) => ask(server, `/count?url=${round}-${page}.example`)),
      )
    }
    const other = new Database(file)
    other.pragma('wal_checkpoint(passive)')
    other.close()
    await ask(server, '/count?url=example.com')
    // The service looks at the file twice a second.
    await pause(700)
    const ended = once(server.process, 'exit')
    writeFileSync(file, content(backup))
    await notices(server)
    assert.deepEqual(await ended, [1, null])
    assert.match(
      server.errors(),
      /^Tallymark ends: something else was copied over \S+data\.db\.\n$/,
    )
    assert.ok(readFileSync(file).equals(content(backup)), 'not a byte was written into it')
    assert.equal(existsSync(`${file}-wal`), false)
    if (isUsable) assert.equal(await stored(file), 3)
  })
}

test('a log that is removed while it runs costs no visit that was answered', async (t) => {
  const { server, file } = await counting(t, 5)
  const ended = once(server.process, 'exit')
  rmSync(`${file}-wal`)
  assert.equal((await ask(server, '/count?url=example.com')).body, '6')
  await notices(server)
  assert.deepEqual(await ended, [1, null])
  assert.match(server.errors(), /data\.db-wal was removed/)
  assert.equal(await stored(file), 6)
})

test('a database that is moved away and back is counted into again, and has all that was answered', async (t) => {
  const { server, file } = await counting(t, 5)
  const away = `${file}.away`
  renameSync(file, away)
  await notices(server)
  renameSync(away, file)
  await until(async () => (await ask(server, '/healthz')).status === 200)
  assert.equal((await ask(server, '/count?url=example.com')).body, '6')
  assert.match(server.output(), /the database is back/)
  assert.equal(await stopServer(server), 0)
  assert.equal(await stored(file), 6)
})

test('a database that was moved away while it ran has all that was answered, without its log', async (t) => {
  const { server, file } = await counting(t, 5)
  const elsewhere = join(temporaryFolder(t), 'moved.db')
  mkdirSync(dirname(elsewhere), { recursive: true })
  renameSync(file, elsewhere)
  const ended = once(server.process, 'exit')
  await notices(server)
  // Whoever opens it now finds it whole.
  copyFileSync(elsewhere, `${elsewhere}.copy`)
  assert.equal(await stored(`${elsewhere}.copy`), 5)
  assert.deepEqual(await ended, [1, null])
  assert.ok(!existsSync(file), 'no new one was made')
})
