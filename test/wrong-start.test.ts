import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { readSettings } from '../config.ts'
import { checks } from '../src/checks.ts'
import { explainFailure } from '../src/database/sqlite/condition.ts'
import { openDatabase } from '../src/database/sqlite/open.ts'
import { openSqliteStore } from '../src/database/sqlite.ts'
import { normalizePage } from '../src/page.ts'
import { StartError } from '../src/refusal.ts'
import { type ServiceSettings, startService } from '../src/service.ts'
import { readCount, T0, temporaryFolder } from './harness/app.ts'
import { BARE, MAIN, runMain, startServer, stopServer } from './harness/server.ts'
import { asStranger } from './harness/stranger.ts'
import { until } from './harness/until.ts'
import { BLOCK, damage, fill, sql, WRONG } from './harness/wrong-files.ts'

const config = (file: string): ServiceSettings =>
  readSettings(checks, { DATABASE_FILE_PATH: file, PORT: '0', LOG_LEVEL: 'silent' })

/** Starts the service in this process, where the start must fail. @returns the message */
async function refusal(file: string): Promise<string> {
  let said = ''
  await assert.rejects(startService(config(file), Date.now), (error) => {
    assert.ok(error instanceof StartError, String((error as Error).stack))
    said = error.message
    return true
  })
  return said
}

/** A database with some pages, and a connection to it that can hold it. */
async function opened(t: TestContext) {
  const file = join(temporaryFolder(t), 'data.db')
  await fill(file)
  const holder = new Database(file)
  t.after(() => holder.close())
  return { file, holder }
}

for (const [name, { make, says, isSeenLate }] of Object.entries(WRONG)) {
  if (isSeenLate) continue
  test(`a start on a file that is ${name} fails with that reason, and the file does not change`, async (t) => {
    const folder = temporaryFolder(t)
    const file = join(folder, 'wrong.db')
    await make(file)
    const bytes = () => (statSync(file).isDirectory() ? readdirSync(file) : readFileSync(file))
    const before = bytes()
    const said = await refusal(file)
    assert.match(said, /^Tallymark cannot use its database \S+wrong\.db: [^\n]+\.$/)
    assert.match(said, says)
    assert.deepEqual(bytes(), before)
    assert.equal(
      statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0,
      0,
      'nor is a log left',
    )
  })
}

test('a new file gets Tallymark’s application id, and an old one without it too', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const number = () => {
    const database = new Database(file, { readonly: true })
    const found = database.pragma('application_id', { simple: true })
    database.close()
    return found
  }
  await fill(file)
  assert.equal(number(), 0x546c6c79)
  sql(file, 'pragma application_id = 0')
  const service = await startService(config(file), Date.now)
  await service.close()
  assert.equal(number(), 0x546c6c79)
  const store = await openSqliteStore(file)
  t.after(() => store.close())
  assert.equal(await readCount(store, 'p7.example/some/path'), 1)
})

test('after an unclean end, four damaged blocks anywhere in the file are found, and the start fails', async (t) => {
  const folder = temporaryFolder(t)
  const whole = join(folder, 'whole.db')
  await fill(whole, 2500)
  const blocks = statSync(whole).size / BLOCK
  assert.ok(blocks > 90, `${blocks} blocks`)
  // An open connection keeps its log, as after a kill.
  const open = new Database(whole)
  open.exec('update tally set hits = 2 where page_id = 1')
  const unclean = async (name: string, first: number) => {
    const file = join(folder, name)
    copyFileSync(whole, file)
    copyFileSync(`${whole}-wal`, `${file}-wal`)
    damage(file, first, 4)
    return file
  }
  const places = [1, 0.2, 0.4, 0.6, 0.8].map((part) => (part === 1 ? 1 : Math.floor(blocks * part)))
  for (const [at, first] of [...places, blocks - 4].entries()) {
    const file = await unclean(`unclean-${at}.db`, first)
    assert.match(
      await refusal(file),
      /: it is damaged \(.+\); restore a backup, or save what can be read: .*\.recover/,
    )
  }
  const file = await unclean('started.db', places[2] as number)
  const { code, errors } = await runMain({ DATABASE_FILE_PATH: file }, [])
  assert.equal(code, 1)
  assert.match(errors, /^Tallymark cannot use its database \S+started\.db: it is damaged .*\n$/)
  open.close()
})

test('a start on a damaged journal fails', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  await fill(file)
  sql(file, "insert into journal (hour, hits, pages) values (1, 1, 'nonsense')")
  await assert.rejects(startService(config(file), Date.now), /^SyntaxError: .*nonsense/)
})

test('a start whose first write fails names the reason', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  await fill(file)
  sql(
    file,
    `insert into token (page_id, secret, ends_at) values (1, 'secretsecret', 9e15);
     create trigger broken before update on token begin select raise(abort, 'broken on purpose'); end`,
  )
  const said = await refusal(file)
  assert.match(said, /^Tallymark cannot use its database \S+: broken on purpose\.$/)
})

test('a start on a read-only file in a writable folder fails with that reason', async (t) => {
  const folder = temporaryFolder(t)
  const closed = join(folder, 'data.db')
  await fill(closed)
  chmodSync(closed, 0o444)
  const other = temporaryFolder(t)
  // The folder is writable, but the file belongs to another user.
  await asStranger(other, [folder], async () => {
    assert.match(
      await refusal(closed),
      /: this user may not write to it or in its folder, \S+ \(.+\); run this as the user who owns both\.$/,
    )
  })
})

test('a start in a folder that cannot be there says why', async (t) => {
  const folder = temporaryFolder(t)
  const text = join(folder, 'text.db')
  writeFileSync(text, 'text')
  for (const path of ['data.db', 'deep/er/data.db'])
    assert.ok(
      (await refusal(join(text, path))).endsWith(
        `: ${text} is a file, not a folder; let DATABASE_FILE_PATH name another file.`,
      ),
    )
  await asStranger(folder, [], async () => {
    assert.match(
      await refusal(join(folder, 'none/data.db')),
      /: its folder \S+none does not exist, and this user may not make it \(EACCES.*\); make it for this user, or let DATABASE_FILE_PATH name another file\.$/,
    )
  })
})

test('a start with too low a limit on open files fails with that reason', async (t) => {
  for (const most of ['24', '26', '28']) {
    const child = spawn('sh', ['-c', `ulimit -n ${most}; exec ${process.execPath} ${MAIN}`], {
      env: { ...BARE, PORT: '0', DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') },
    })
    t.after(() => child.kill('SIGKILL'))
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const [code] = await once(child, 'close')
    assert.equal(code, 1, errors)
    assert.match(errors, /^Tallymark cannot .* may open too few files .*\n$/)
  }
})

test('a start that waits for another process says so, can be stopped, and continues afterwards', async (t) => {
  const { file, holder } = await opened(t)
  holder.exec('begin immediate')
  const children = [0, 1].map(() => {
    const child = spawn(process.execPath, [MAIN], {
      env: { ...BARE, PORT: '0', DATABASE_FILE_PATH: file },
    })
    t.after(() => child.kill('SIGKILL'))
    const said: string[] = []
    child.stdout.on('data', (chunk) => said.push(String(chunk)))
    return { child, ended: once(child, 'exit'), output: () => said.join('') }
  })
  const [stopped, waiting] = children as [(typeof children)[number], (typeof children)[number]]
  await until(() => children.every(({ output }) => /waits for its database \S+data/.test(output())))
  const told = performance.now()
  stopped.child.kill('SIGTERM')
  assert.deepEqual(await stopped.ended, [0, null])
  assert.ok(performance.now() - told < 1000)
  holder.exec('rollback')
  await until(() => /Tallymark counts on/.test(waiting.output()))
  waiting.child.kill('SIGTERM')
  assert.deepEqual(await waiting.ended, [0, null])

  holder.exec('begin immediate')
  // The clock jumps by a minute, so that the test need not wait.
  let minutes = 0
  const clock = t.mock.method(performance, 'now', () => 61_000 * minutes++)
  await assert.rejects(openDatabase(file), (error) => {
    assert.match(
      String(explainFailure(error, file)),
      /^another process holds it \(.+\); run this again/,
    )
    return true
  })
  clock.mock.restore()
  holder.exec('rollback')
})

test('a start waits for a process that holds a file with a log alone', async (t) => {
  const { file, holder } = await opened(t)
  holder.pragma('locking_mode = exclusive')
  holder.exec("insert into host (name, pages) values ('x.example', 0)")
  assert.ok(statSync(`${file}-wal`).size > 0)
  const opening = openSqliteStore(file)
  // Longer than SQLite itself waits.
  setTimeout(() => holder.close(), 2500)
  await (await opening).close()
})

test('a path that cannot be looked at fails the start in one line', async (t) => {
  const file = join(temporaryFolder(t), 'x'.repeat(300), 'data.db')
  const { code, errors } = await runMain({ DATABASE_FILE_PATH: file }, [])
  assert.equal(code, 1)
  assert.match(errors, /^Tallymark cannot use its database [^\n]+ENAMETOOLONG[^\n]+\n$/)
})

test('a second close resolves when the service is closed', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const service = await startService(config(file), Date.now)
  const first = service.close()
  await service.close()
  assert.ok(!existsSync(`${file}-wal`))
  await first
})

test('after an unclean end an undamaged file opens with all hits that were answered', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const server = await startServer(t, { DATABASE_FILE_PATH: file })
  for (let visit = 1; visit <= 3; visit++) {
    const counted = await fetch(`${server.origin}/count?url=example.com`)
    assert.equal(await counted.text(), String(visit))
  }
  await stopServer(server, 'SIGKILL')
  assert.ok(statSync(`${file}-wal`).size > 0, 'the end was not clean')
  const service = await startService(config(file), () => T0)
  const answer = await service.app.inject(`/nocount?url=${normalizePage('example.com')}`)
  assert.equal(answer.body, '3')
  await service.close()
  assert.ok(!existsSync(`${file}-wal`))
})
