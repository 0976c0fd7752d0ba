import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import test, { describe, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { readSettings } from '../../config.ts'
import { checks } from '../../src/checks.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { type Service, startService } from '../../src/service.ts'
import { readCount, temporaryFolder } from '../harness/app.ts'
import { startServer } from '../harness/server.ts'
import { until } from '../harness/until.ts'

/** Within which it is noticed, and a little for a busy machine, in ms. */
const NOTICED_MS = 1500

type Ask = (path: string) => Promise<{ status: number; body: string }>

/** A service in this process that has counted some visits, on a database in a folder of its own. */
async function counting(t: TestContext, visits: number) {
  const file = join(temporaryFolder(t), 'folder/data.db')
  return { file, ...(await open(t, file, visits)) }
}

async function open(t: TestContext, file: string, visits: number) {
  const settings = { HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent', DATABASE_FILE_PATH: file }
  const service = await startService(readSettings(checks, settings), Date.now)
  t.after(() => service.close())
  const ask: Ask = async (path) => {
    const { statusCode, body } = await service.app.inject(path)
    return { status: statusCode, body }
  }
  await visit(ask, visits)
  return { service, ask }
}

/** A service whose database has grown since `backup` was copied from it, when it had 3 hits. */
async function grown(t: TestContext) {
  const { service: first, file } = await counting(t, 3)
  await first.close()
  const backup = readFileSync(file)
  const { service, ask } = await open(t, file, 0)
  await Promise.all(Array.from({ length: 500 }, (_, page) => ask(`/count?url=${page}.example`)))
  const other = new Database(file)
  other.pragma('wal_checkpoint(passive)')
  other.close()
  assert.ok(statSync(file).size > backup.length)
  await ask('/count?url=example.com')
  // The service looks at the file twice a second.
  await pause(1500)
  return { service, ask, file, backup }
}

async function visit(ask: Ask, visits: number): Promise<void> {
  for (let number = 1; number <= visits; number++) {
    assert.equal((await ask('/count?url=example.com')).body, String(number))
  }
}

async function notices(ask: Ask): Promise<void> {
  const since = performance.now()
  await until(async () => (await ask('/healthz')).status === 503)
  const took = performance.now() - since
  assert.ok(took < NOTICED_MS, `${took} ms`)
  assert.equal((await ask('/count?url=example.com')).status, 503)
  assert.equal((await ask('/nocount/tag.svg?url=example.com')).status, 503)
}

/** Waits until the service cannot go on, and closes it. @returns the reason */
async function ending({ broken, close }: Service): Promise<string> {
  const reason = await broken
  await close()
  return reason
}

async function stored(file: string): Promise<number> {
  const store = await openSqliteStore(file)
  const count = await readCount(store, 'example.com')
  await store.close()
  return count
}

test('a service whose database is removed answers 503, says why in one line, and ends with code 1', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const server = await startServer(t, { DATABASE_FILE_PATH: file })
  const ask: Ask = async (path) => {
    const answer = await fetch(server.origin + path)
    return { status: answer.status, body: await answer.text() }
  }
  await visit(ask, 5)
  const ended = once(server.process, 'exit')
  rmSync(file)
  await notices(ask)
  assert.deepEqual(await ended, [1, null])
  assert.match(server.output(), /data\.db was removed/)
  assert.match(server.errors(), /^Tallymark ends: [^\n]+data\.db was removed[^\n]*\.\n$/)
})

/** What becomes of the file, and the reason that the service ends with. */
const LOST: Record<string, { lose: (file: string) => void; says: RegExp }> = {
  'removed with its folder': {
    lose: (file) => rmSync(dirname(file), { recursive: true }),
    says: /data\.db was removed/,
  },
  'replaced by a copy': {
    lose: (file) => renameSync(join(dirname(file), 'backup.db'), file),
    says: /another file was put in place of \S+data\.db/,
  },
}
const OVERWRITTEN: Record<string, { content: (backup: Buffer) => Buffer; isUsable: boolean }> = {
  'an older backup': { content: (backup) => backup, isUsable: true },
  nonsense: { content: (backup) => Buffer.alloc(4 * backup.length, 0x5a), isUsable: false },
  nothing: { content: () => Buffer.alloc(0), isUsable: false },
}

// Each waits for seconds until its service gives up.
describe('in one process', { concurrency: true }, () => {
  for (const [name, { lose, says }] of Object.entries(LOST)) {
    test(`a database that is ${name} while it runs is noticed: 503, and the end`, async (t) => {
      const { service, ask, file } = await counting(t, 5)
      const copy = new Database(file)
      copy.prepare('vacuum into ?').run(join(dirname(file), 'backup.db'))
      copy.close()
      lose(file)
      await notices(ask)
      assert.match(await ending(service), says)
      if (name !== 'replaced by a copy') return
      // The log of the old file must not be used with the new one.
      assert.equal(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0, 0)
      const look = new Database(file)
      assert.equal(look.pragma('integrity_check', { simple: true }), 'ok')
      look.close()
      assert.equal(await stored(file), 5)
    })
  }

  for (const [name, { content, isUsable }] of Object.entries(OVERWRITTEN)) {
    test(`a database that ${name} is copied over while it runs is noticed, and its log is not written into it`, async (t) => {
      const { service, ask, file, backup } = await grown(t)
      writeFileSync(file, content(backup))
      await notices(ask)
      assert.match(await ending(service), /^something else was copied over \S+data\.db$/)
      assert.ok(readFileSync(file).equals(content(backup)), 'not a byte was written into it')
      assert.equal(existsSync(`${file}-wal`), false)
      if (isUsable) assert.equal(await stored(file), 3)
    })
  }

  test('a backup that is copied over a database whose log is removed at once stays as it is', async (t) => {
    const { service, ask, file, backup } = await grown(t)
    for (const end of ['-wal', '-shm']) rmSync(file + end)
    writeFileSync(file, backup)
    await notices(ask)
    assert.match(await ending(service), /^something else was copied over \S+data\.db$/)
    assert.ok(readFileSync(file).equals(backup), 'not a byte was written into it')
    assert.equal(await stored(file), 3)
  })

  test('a log that is removed while it runs costs no visit that was answered', async (t) => {
    const { service, ask, file } = await counting(t, 5)
    rmSync(`${file}-wal`)
    assert.equal((await ask('/count?url=example.com')).body, '6')
    await notices(ask)
    assert.match(await ending(service), /data\.db-wal was removed/)
    assert.equal(await stored(file), 6)
  })

  test('a database that is moved away and back is counted into again, and has all that was answered', async (t) => {
    const { service, ask, file } = await counting(t, 5)
    const away = `${file}.away`
    renameSync(file, away)
    await notices(ask)
    renameSync(away, file)
    await until(async () => (await ask('/healthz')).status === 200)
    assert.equal((await ask('/count?url=example.com')).body, '6')
    await service.close()
    assert.equal(await stored(file), 6)
  })

  test('a database that was moved away while it ran has all that was answered, without its log', async (t) => {
    const { service, ask, file } = await counting(t, 5)
    const elsewhere = join(temporaryFolder(t), 'moved.db')
    renameSync(file, elsewhere)
    await notices(ask)
    // Whoever opens it now finds it whole.
    copyFileSync(elsewhere, `${elsewhere}.copy`)
    assert.equal(await stored(`${elsewhere}.copy`), 5)
    await ending(service)
    assert.ok(!existsSync(file), 'no new one was made')
  })
})
