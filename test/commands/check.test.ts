import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { openDatabase } from '../../src/database/sqlite/open.ts'
import { build, temporaryFolder } from '../harness/app.ts'
import { engines } from '../harness/engines.ts'
import { makeDatabase } from '../harness/postgres.ts'
import { BARE, MAIN, runMain } from '../harness/server.ts'
import { NOBODY } from '../harness/stranger.ts'

interface Finding {
  name: string
  ok: boolean
  says: string
  advice?: string
}

async function check(env: Record<string, string>, ...words: string[]) {
  const { code, output, errors } = await runMain(env, ['check', ...words, '--json'])
  assert.equal(errors, '')
  return { code, findings: JSON.parse(output) as Finding[] }
}

/** Starts the service in this process, where names lead to it, with the clock of the system. */
async function serve(t: TestContext, env: Record<string, string>) {
  const service = await build(t, { HOST: '0.0.0.0', ...env })
  service.clock.now = Date.now()
  return service
}

const faults = (findings: Finding[]) => findings.filter(({ ok }) => !ok).map(({ name }) => name)

for (const engine of engines()) {
  test(`${engine}: of an instance that is well, check says so, in words and as JSON`, async (t) => {
    const file = join(temporaryFolder(t), 'data.db')
    const env = {
      DATABASE_FILE_PATH: file,
      ...(engine === 'postgres' && { DATABASE_URL: await makeDatabase(t) }),
    }
    const { origin } = await serve(t, env)
    const { code, findings } = await check(env, '--url', origin)
    assert.deepEqual([code, faults(findings)], [0, []], JSON.stringify(findings))
    assert.deepEqual(
      findings.map(({ name }) => name),
      ['settings', 'database', 'clock', 'service', 'address', 'address', 'cookie'],
    )
    const words = await runMain(env, ['check', '--url', `${origin}/`])
    assert.equal(words.code, 0)
    assert.match(words.output, /^ok {5}settings {2}all are right\nok {5}database {2}\S+: /)
    assert.match(words.output, /^ok {5}cookie .*SameSite=None; Secure; Partitioned$/m)
  })
}

test('check names each fault, with what to do, and ends with exit code 1', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'data.db')
  const driver = await openDatabase(file)
  const ahead = Math.floor(Date.now() / 3_600_000) + 1000
  driver.exec(`insert into page_hour values (1, ${ahead}, 1)`)
  driver.close()
  const wrong = await check({ PORT: 'x', DATABASE_FILE_PATH: file })
  assert.deepEqual([wrong.code, faults(wrong.findings)], [1, ['settings']])
  assert.match(String(wrong.findings[0]?.says), /PORT: /)
  const alone = await check({ DATABASE_FILE_PATH: file }, '--url', 'http://127.0.0.1:1')
  assert.deepEqual([alone.code, faults(alone.findings)], [1, ['clock', 'service']])
  for (const { ok, advice } of alone.findings) assert.equal(ok, advice === undefined)
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0x5a, 4096, bytes.length))
  const damaged = await check({ DATABASE_FILE_PATH: file }, '--url', 'http://127.0.0.1:1')
  assert.deepEqual([damaged.code, faults(damaged.findings)], [1, ['database', 'service']])
  writeFileSync(file, 'text')
  const text = await check({ DATABASE_FILE_PATH: file }, '--url', 'http://127.0.0.1:1')
  assert.match(String(text.findings[1]?.says), /it is no SQLite database/)
})

test('check says whether the first start can make the database', async (t) => {
  const folder = temporaryFolder(t)
  const databaseOf = (file: string, user: { uid?: number; gid?: number } = {}) => {
    const { stdout } = spawnSync(
      process.execPath,
      [MAIN, 'check', '--url', 'http://127.0.0.1:1', '--json'],
      { env: { ...BARE, DATABASE_FILE_PATH: join(folder, file) }, encoding: 'utf8', ...user },
    )
    return (JSON.parse(stdout) as Finding[]).find(({ name }) => name === 'database')
  }
  const missing = databaseOf('a/b/data.db')
  assert.match(String(missing?.says), /is not there yet; the first start makes it$/)
  writeFileSync(join(folder, 'empty.db'), '')
  const empty = databaseOf('empty.db')
  assert.match(String(empty?.says), /is empty; the first start makes its tables$/)
  const closed = join(folder, 'closed')
  mkdirSync(closed)
  writeFileSync(join(closed, 'data.db'), '')
  chmodSync(closed, 0o000)
  chmodSync(folder, 0o555)
  // Root may enter and write to any folder.
  const nobody = process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  for (const file of ['closed/data.db', 'closed/a/data.db', 'data.db', 'a/data.db']) {
    const found = databaseOf(file, nobody)
    assert.equal(found?.ok, false, file)
    assert.match(String(found?.says), /this user may not write to it or in its folder/)
  }
  chmodSync(folder, 0o755)
  chmodSync(closed, 0o755)
})

test('check looks for the service at the address where it listens', async (t) => {
  const { port } = await build(t, { HOST: '127.0.0.2' })
  const env = { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') }
  const { code } = await check({ ...env, HOST: '127.0.0.2', PORT: String(port) })
  assert.equal(code, 0)
})

test('check looks for the replica, too', {
  skip: !engines().includes('postgres'),
}, async (t) => {
  const url = await makeDatabase(t)
  const { origin } = await serve(t, { DATABASE_URL: url, DATABASE_READ_URL: url })
  const whole = await check({ DATABASE_URL: url, DATABASE_READ_URL: url }, '--url', origin)
  assert.deepEqual([whole.code, faults(whole.findings)], [0, []], JSON.stringify(whole.findings))
  const readUrl = 'postgres://me:secret@127.0.0.1:1/x'
  const alone = await check({ DATABASE_URL: url, DATABASE_READ_URL: readUrl }, '--url', origin)
  assert.deepEqual([alone.code, faults(alone.findings)], [1, ['database']])
})

test('of another program at that address, check says so, and prints none of its control characters', async (t) => {
  const env = { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') }
  let body: unknown = {}
  const other = createServer((_request, response) => response.end(JSON.stringify(body)))
  other.listen(0)
  await once(other, 'listening')
  t.after(() => other.close())
  const url = `http://localhost:${(other.address() as AddressInfo).port}`
  const strange = await check(env, '--url', url)
  assert.deepEqual(faults(strange.findings), ['service'])
  assert.match(String(strange.findings.at(-1)?.says), /it does not answer as Tallymark does/)
  body = { scheme: 'http', host: '\u001b[2J', address: '::1', cookie: 'a' }
  const { code, output } = await runMain(env, ['check', '--url', url])
  assert.equal(code, 1)
  assert.ok(!output.includes('\u001b'), output)
})

test('check sees what a proxy does not hand on', async (t) => {
  const env = { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') }
  const { port } = await serve(t, env)
  // Named so, the service is another host than the one it listens on.
  const { code, findings } = await check(
    { ...env, PUBLIC_URL: `http://127.0.0.1:${port}` },
    '--url',
    `http://localhost:${port}`,
  )
  assert.equal(code, 0, JSON.stringify(findings))
  const trusting = await build(t, { TRUST_PROXY: 'loopback' })
  const asked = await trusting.get('/me.json', {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'a.example',
  })
  assert.deepEqual(asked.json(), {
    scheme: 'https',
    host: 'a.example',
    address: '203.0.113.9',
    cookie: 'SameSite=None; Secure; Partitioned',
  })
})
