import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import Database from 'better-sqlite3'
import { openSqliteStore } from '../src/database/sqlite.ts'
import { normalizePage } from '../src/page.ts'
import { build, readCount, T0, temporaryFolder } from './harness/app.ts'
import { BARE, MAIN, runMain, startServer, stopServer } from './harness/server.ts'
import { until } from './harness/until.ts'

const run = (env: Record<string, string>, ...argv: string[]) => runMain(env, argv)
const runIn = (cwd: string, env: Record<string, string>, ...argv: string[]) =>
  runMain(env, argv, cwd)

/** A page's number in a database that no service has open; a service would take ten times as long to say it. */
async function stored(file: string, page: string): Promise<number> {
  const store = await openSqliteStore(file)
  const count = await readCount(store, page)
  await store.close()
  return count
}

/** Makes a database in which somebody's window ends in so many ms. */
async function openWindow(file: string, ms: number): Promise<void> {
  const store = await openSqliteStore(file)
  const window = { secret: 'secretsecret', endsAt: Date.now() + ms }
  await store.count({ page: normalizePage('example.com'), at: Date.now(), window })
  await store.close()
  assert.equal(tokens(file), 1)
}

test('it starts with no settings but a place, counts, stops on SIGTERM and has kept the number; then a template is drawn', async (t) => {
  const folder = temporaryFolder(t)
  const env = { DATABASE_FILE_PATH: join(folder, 'deep/er/data.db') }
  const first = await startServer(t, env)
  assert.equal(await (await fetch(`${first.origin}/count?url=example.com`)).text(), '1')
  assert.equal(await (await fetch(`${first.origin}/healthz`)).text(), 'ok\n')
  assert.equal(await stopServer(first), 0)
  assert.ok(!existsSync(`${env.DATABASE_FILE_PATH}-wal`), 'the database is closed')
  const template = join(folder, 'badge.svg')
  writeFileSync(
    template,
    '<svg xmlns="http://www.w3.org/2000/svg"><text>{count} of {url}</text></svg>',
  )
  const second = await startServer(t, { ...env, BADGE_TEMPLATE_FILE: template })
  const badge = await fetch(`${second.origin}/count/tag.svg?url=example.com`)
  assert.match(await badge.text(), /<text>2 of example\.com<\/text>/)
  assert.equal(await stopServer(second, 'SIGINT'), 0)
})

test('with WINDOW_SECONDS=0 the stored tokens are cleared; what is on its way when it stops is answered and stored', async (t) => {
  const env = { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db'), WINDOW_SECONDS: '0' }
  await openWindow(env.DATABASE_FILE_PATH, 300_000)
  const first = await startServer(t, env)
  assert.equal(tokens(env.DATABASE_FILE_PATH), 0)
  const asked = Array.from({ length: 300 }, async () => {
    const response = await fetch(`${first.origin}/count?url=example.com`)
    return response.ok ? Number(await response.text()) : 0
  })
  await Promise.race(asked)
  const stopped = stopServer(first)
  const settled = await Promise.allSettled(asked)
  assert.equal(await stopped, 0)
  const answers = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const there = await stored(env.DATABASE_FILE_PATH, 'example.com')
  const highest = Math.max(...answers)
  assert.ok(
    highest >= 2 && there >= highest && there <= 301,
    `${there} stored, ${highest} answered`,
  )
  assert.equal(new Set(answers.filter(Boolean)).size, answers.filter(Boolean).length)
})

test('a request that is never finished does not hold the end up', async (t) => {
  const server = await startServer(t, { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') })
  const sockets = ['127.0.0.1', 'localhost'].map((host) => connect(server.port, host))
  t.after(() => sockets.map((socket) => socket.destroy()))
  for (const socket of sockets) {
    await once(socket, 'connect')
    socket.on('error', () => {})
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n')
  }
  await fetch(`${server.origin}/healthz`)
  const stopped = stopServer(server)
  const answers = () =>
    fetch(`${server.origin}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(async () => !(await answers()))
  server.process.kill('SIGTERM')
  assert.equal(await stopped, 0, 'nor does a second signal cut it short')
})

test('a signal that comes while it starts is not lost', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const child = spawn(process.execPath, [MAIN], {
    env: { ...BARE, PORT: '0', DATABASE_FILE_PATH: file },
    stdio: 'ignore',
  })
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  await until(() => existsSync(file) || child.exitCode !== null)
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
})

test('wrong settings are all named, and nothing starts', async (t) => {
  const folder = temporaryFolder(t)
  const template = join(folder, 'badge.svg')
  writeFileSync(template, '<svg xmlns="http://www.w3.org/2000/svg">{label}</svg>')
  const { code, output, errors } = await run({
    DATABASE_FILE_PATH: join(folder, 'data.db'),
    WINDOW_SECONDS: 'soon',
    BADGE_COLOR: 'nocolour',
    BADGE_TEMPLATE_FILE: template,
  })
  assert.equal(code, 1)
  assert.equal(output, '')
  assert.match(errors, /^3 settings are wrong:$/m)
  assert.match(errors, /^ {2}WINDOW_SECONDS: "soon" is not a whole number/m)
  assert.match(errors, /^ {2}BADGE_COLOR: "nocolour" is not a colour/m)
  assert.match(errors, /^ {2}BADGE_TEMPLATE_FILE: the file does not hold \{count\}/m)
  assert.doesNotMatch(errors, /\bat .*:\d+/, 'no stack trace')
})

test('all that is wrong is told at once and in time: patterns, files without an end, an address for a file, contradictions', async (t) => {
  const folder = temporaryFolder(t)
  const begun = Date.now()
  const { code, output, errors } = await runIn(folder, {
    DATABASE_FILE_PATH: 'postgres://me:SECRET@host/name',
    DENY_PAGES: '(a+)+(?=b)',
    ALLOW_PAGES: 'https://example.com/',
    BADGE_TEMPLATE_FILE: '/dev/zero',
    BAN_ADDRESSES: '0.0.0.0/0',
    HOST: '127.0.0.1:80',
    LIMIT_PER_ADDRESS: '5',
    WINDOW_SECONDS: '0',
  })
  assert.deepEqual([code, output, readdirSync(folder)], [1, '', []])
  const lines = errors.split('\n').filter((line) => line.startsWith('  '))
  const says: [start: string, end: RegExp][] = [
    ['DATABASE_FILE_PATH', /^is the address of a server and not a file; DATABASE_URL is for/],
    ['HOST', /^"127\.0\.0\.1:80" is not a name or an address alone,.* PORT says the port$/],
    ['LIMIT_PER_ADDRESS', /WINDOW_SECONDS=0 turns windows off$/],
    ['BAN_ADDRESSES', /^"0\.0\.0\.0\/0" is every address/],
    ['ALLOW_PAGES', /^"https:\/\/example\.com\/" never matches: a page has no scheme/],
    ['DENY_PAGES', /RE2 has no lookahead/],
    ['BADGE_TEMPLATE_FILE', /^\/dev\/zero is not a file$/],
  ]
  for (const [name, why] of says) {
    const line = lines.find((each) => each.startsWith(`  ${name}: `)) ?? ''
    assert.match(line.slice(`  ${name}: `.length), why)
  }
  assert.match(errors, /^7 settings are wrong:\n/)
  assert.doesNotMatch(errors, /SECRET/)
  assert.ok(Date.now() - begun < 20_000)
})

test('a pattern that would hold JavaScript up for ever answers at once', async (t) => {
  const { get } = await build(t, { DENY_PAGES: '(a+)+$' })
  const page = `example.com/${'a'.repeat(2000)}!`
  const began = performance.now()
  const long = await get(`/count?url=${page}`)
  const denied = await get(`/count?url=${page.slice(0, -1)}`)
  assert.deepEqual([long.statusCode, long.body, denied.statusCode], [200, '1', 403])
  assert.ok(performance.now() - began < 5000)
})

test('a setting that is misspelt is told with the one that is meant', async () => {
  const { code, output, errors } = await run({ WINDOW_SECOND: '60', PAGER: 'less', PORT: '-1' })
  assert.deepEqual([code, output], [1, ''])
  assert.match(
    errors,
    /^There is no setting WINDOW_SECOND\. Is WINDOW_SECONDS meant\? It is not set\.$/m,
  )
  assert.doesNotMatch(errors, /PAGER|60/)
})

test('a template file that is not there is named', async (t) => {
  const { code, errors } = await run({ BADGE_TEMPLATE_FILE: join(temporaryFolder(t), 'none.svg') })
  assert.equal(code, 1)
  assert.match(errors, /BADGE_TEMPLATE_FILE: .*no such file/)
})

test('a folder of fonts without a font is named', async (t) => {
  const folder = temporaryFolder(t)
  const { code, errors } = await run({ FONTS_DIR: folder })
  assert.equal(code, 1)
  assert.ok(errors.includes(`FONTS_DIR: ${folder} holds no font with outlines`), errors)
})

test('a port that is taken is said in one sentence, and no database is made', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.after(() => taken.close())
  const folder = temporaryFolder(t)
  const { port } = taken.address() as { port: number }
  const { code, errors } = await run({
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_FILE_PATH: join(folder, 'new/data.db'),
  })
  assert.equal(code, 1)
  assert.match(errors, /^Tallymark cannot listen: .*EADDRINUSE.*HOST and PORT say where\.$/m)
  assert.deepEqual(readdirSync(folder), [])
})

test('a database that cannot be opened is said in one sentence', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'file')
  writeFileSync(
    file,
    'not a database, but long enough to have a header of one hundred bytes'.repeat(9),
  )
  const { code, errors } = await run({ DATABASE_FILE_PATH: file })
  assert.equal(code, 1)
  assert.match(errors, /^Tallymark cannot use its database \S+: it is no SQLite database; .*\n$/)
  assert.doesNotMatch(errors, /\bat .*:\d+/, 'no stack trace')
  for (const path of [join(file, 'below.db'), folder]) {
    await assert.rejects(openSqliteStore(path), { message: /^.+$/ })
  }
})

test('services that start at once on a fresh database all start, and count together', async (t) => {
  const env = { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') }
  const servers = await Promise.all([startServer(t, env), startServer(t, env)])
  const answers = await Promise.all(
    servers.map(async ({ origin }) => (await fetch(`${origin}/count?url=example.com`)).text()),
  )
  assert.deepEqual(answers.sort(), ['1', '2'])
  for (const server of servers) assert.equal(await stopServer(server), 0)
})

test('an import reads the settings of the service that runs beside it, is exact, and refuses no visit', async (t) => {
  const folder = temporaryFolder(t)
  const old = new Database(join(folder, 'old.db'))
  old.exec(`create table url (id integer primary key, url varchar(256), count integer);
    insert into url (url, count) values ('example.com?id=1', 3), ('example.com?id=2', 4)`)
  const insert = old.prepare("insert into url (url, count) values ('example.com/' || ?, 5)")
  old.transaction(() => {
    for (let page = 0; page < 1000; page++) insert.run(String(page))
  })()
  old.close()
  const env = { DATABASE_FILE_PATH: join(folder, 'data.db'), KEEP_QUERY: 'id' }
  const server = await startServer(t, env)
  let importing = true
  let visits = 0
  const visitors = Array.from({ length: 2 }, async () => {
    while (importing) {
      const response = await fetch(`${server.origin}/count?url=example.com/7`)
      assert.equal(response.status, 200, await response.text())
      visits += 1
    }
  })
  const imported = run(env, 'import', 'hit-counter', join(folder, 'old.db')).finally(() => {
    importing = false
  })
  const [{ code, output }] = await Promise.all([imported, ...visitors])
  assert.equal(code, 0)
  assert.match(output.replace(/ +/g, ' '), /^added 1,002 pages 5,007 hits now/m)
  for (const [page, expected] of [
    ['example.com/7', visits + 5],
    ['example.com%3Fid=2', 4],
  ]) {
    const shown = await fetch(`${server.origin}/nocount?url=${page}`)
    assert.equal(await shown.text(), String(expected))
  }
})

test('a window that is made shorter ends those that are running, and tokens of ended ones are removed', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  await openWindow(file, 90_000_000)
  const { get, clock } = await build(t, { DATABASE_FILE_PATH: file, WINDOW_SECONDS: '1' })
  for (let visit = 0; visit < 3; visit++) await get('/count?url=example.com')
  const look = new Database(file, { readonly: true })
  t.after(() => look.close())
  const left = look.prepare('select count(*), max(ends_at) from token').raw()
  assert.deepEqual(left.get(), [4, T0 + 1000])
  clock.now += 1000
  await until(() => tokens(file) === 0)
})

function tokens(file: string): number {
  const look = new Database(file, { readonly: true })
  const count = look.prepare('select count(*) from token').pluck().get() as number
  look.close()
  return count
}

test('told to stop while another process holds the database, it says so by its exit code, and nothing is lost', async (t) => {
  const env = { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') }
  const first = await startServer(t, env)
  assert.equal(await (await fetch(`${first.origin}/count?url=example.com`)).text(), '1')
  const holder = new Database(env.DATABASE_FILE_PATH)
  holder.exec('begin immediate')
  assert.equal(await stopServer(first), 1)
  assert.equal(
    first.errors(),
    'Tallymark has not closed in order: database is locked. No visit that was answered is lost by that.\n',
  )
  holder.exec('rollback')
  holder.close()
  assert.equal(await stored(env.DATABASE_FILE_PATH, 'example.com'), 1)
})
