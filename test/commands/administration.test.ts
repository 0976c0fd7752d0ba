import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { readSettings } from '../../config.ts'
import { checks } from '../../src/checks.ts'
import { runCommandLine } from '../../src/commands/program.ts'
import { ADMIN, FORM, formOf } from '../harness/administration.ts'
import { build, T0, temporaryFolder } from '../harness/app.ts'
import { runMain, startServer } from '../harness/server.ts'
import { until } from '../harness/until.ts'

/** Runs a command on a database, and resolves with the lines that it prints. */
async function run(
  words: string[],
  databaseFile: string,
  env: Record<string, string> = ADMIN,
  warn: (line: string) => void = () => {},
) {
  const lines: string[] = []
  const settings = readSettings(checks, { DATABASE_FILE_PATH: databaseFile, ...env })
  await runCommandLine(words, {
    settings: async () => settings,
    now: () => T0,
    output: { print: (line) => lines.push(line), warn },
    serve: () => Promise.reject(new Error('no service is started here')),
  })
  return lines
}

test('sign-in prints a link, while the service runs, that signs a browser in', async (t) => {
  const { app, databaseFile } = await build(t, ADMIN)
  const [address = '', note] = await run(['sign-in'], databaseFile)
  assert.match(address, /^http:\/\/localhost:8080\/admin\/sign-in\?token=[\w-]{43}$/)
  assert.match(note ?? '', /within 10 minutes.*every host name/)
  const token = new URL(address).searchParams.get('token') as string
  const post = () =>
    app.inject({ method: 'POST', url: '/admin/sign-in', headers: FORM, payload: formOf({ token }) })
  assert.equal((await post()).statusCode, 303)
  assert.equal((await post()).statusCode, 401)
})

test('the link is at PUBLIC_URL, if that is set, and --json says it to programs', async (t) => {
  const { databaseFile } = await build(t, ADMIN)
  const env = { ...ADMIN, PUBLIC_URL: 'https://example.org/hits' }
  const [line = ''] = await run(['sign-in', '--json'], databaseFile, env)
  const { address, path, endsAt } = JSON.parse(line)
  assert.equal(address, `https://example.org/hits${path}`)
  assert.equal(endsAt, '2026-01-15T12:10:00.000Z')
})

test('a service with administration says at its start how to sign in', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const { output } = await startServer(t, { DATABASE_FILE_PATH: file, ...ADMIN })
  await until(() => /^Administration is on: `npm run sign-in` prints a link\.$/m.test(output()))
})

test('sign-in warns if no service answers where its link leads', async (t) => {
  const { databaseFile } = await build(t, ADMIN)
  const server = createServer((_request, reply) => void reply.end('ok\n')).listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const warnings: string[] = []
  const signIn = (more: Record<string, string>) =>
    run(['sign-in'], databaseFile, { ...ADMIN, PORT: String(port), ...more }, (line) =>
      warnings.push(line),
    )
  await signIn({})
  server.close()
  await once(server, 'close')
  await signIn({ PUBLIC_URL: 'https://example.org' })
  assert.deepEqual(warnings, [])
  await signIn({})
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', new RegExp(`at http://localhost:${port}\\..*PORT or PUBLIC_URL`))
})

test('with administration off, sign-in says how to switch it on', async (t) => {
  const file = join(temporaryFolder(t), 'none.db')
  for (const words of [['sign-in'], ['key', 'create', 'docs', 'example.com']]) {
    await assert.rejects(
      run(words, file, {}),
      /^Error: Administration is off\. Start .*ADMIN=true/s,
    )
  }
  const { code, errors } = await runMain({ DATABASE_FILE_PATH: file }, ['sign-in'])
  assert.equal(code, 1)
  assert.match(errors, /ADMIN=true/)
})

test('without a database, sign-in makes none', async (t: TestContext) => {
  const file = join(temporaryFolder(t), 'none.db')
  await assert.rejects(
    run(['sign-in'], file),
    /There is no database .*none\.db\. Start the service/,
  )
})

test('key create prints a key once, which works until key revoke', async (t) => {
  const { get, databaseFile } = await build(t, ADMIN)
  await get('/count?url=github.com/me/a')
  const [secret = '', note] = await run(
    ['key', 'create', 'docs', 'https://GitHub.com/me/'],
    databaseFile,
  )
  assert.match(secret, /^tmk_[\w-]{43}$/)
  assert.match(note ?? '', /github\.com\/me and all pages below it\. tallymark key revoke 1/)
  const ask = () => get('/api/v1/page?url=github.com/me/a', { authorization: `Bearer ${secret}` })
  assert.equal((await ask()).json().hits, 1)
  const [line = ''] = await run(['key', 'list'], databaseFile)
  assert.match(line, /^1 {2}"docs" {2}"github\.com\/me" {2}made 2026-01-15, used 2026-01-15$/)
  assert.ok(!line.includes(secret))
  await run(['key', 'revoke', '1'], databaseFile)
  assert.equal((await ask()).statusCode, 401)
  const [json = ''] = await run(['key', 'list', '--json'], databaseFile)
  assert.equal(JSON.parse(json)[0].revokedAt, '2026-01-15T12:00:00.000Z')
})

test('an operator who has banned the own address finds the entry by rule list, and removes it', async (t) => {
  const service = await build(t, ADMIN)
  const { get, store, databaseFile } = service
  const deed = { actor: 'session 1', reason: 'spam\u202e', at: T0 }
  const rule = { replacement: '', endsAt: null, ...deed }
  await store.admin.addRules([
    { ...rule, kind: 'ban', pattern: '127.0.0.0/8', endsAt: T0 + 60_000 },
    { ...rule, kind: 'page-rule', pattern: 'a.example/*', replacement: 'a.example', reason: '' },
  ])
  const status = async () => (await get('/admin/')).statusCode
  await until(async () => (await status()) === 403)
  assert.deepEqual(await run(['rule', 'list'], databaseFile), [
    '1  ban  "127.0.0.0/8"  added 2026-01-15T12:00:00.000Z by "session 1", ends 2026-01-15T12:01:00.000Z, "spam\\u202e"',
    '2  page-rule  "a.example/*" becomes "a.example"  added 2026-01-15T12:00:00.000Z by "session 1"',
  ])
  const [json = ''] = await run(['rule', 'list', '--json'], databaseFile)
  assert.deepEqual(JSON.parse(json)[0], {
    ...{ id: 1, kind: 'ban', pattern: '127.0.0.0/8', replacement: '', actor: 'session 1' },
    ...{ reason: deed.reason, at: '2026-01-15T12:00:00.000Z' },
    endsAt: '2026-01-15T12:01:00.000Z',
  })
  await assert.rejects(run(['rule', 'remove', '7'], databaseFile), /no entry 7/)
  const [removed] = await run(['rule', 'remove', '1'], databaseFile)
  assert.match(removed ?? '', /^The entry 1 is removed\./)
  await until(async () => (await status()) === 401)
  assert.deepEqual(await run(['rule', 'remove', '2', '--json'], databaseFile), ['{"removed":2}'])
  assert.deepEqual(await run(['rule', 'list', '--json'], databaseFile), ['[]'])
  const [entry] = await store.admin.audit({ page: null, before: null, limit: 1 })
  assert.deepEqual([entry?.actor, entry?.action], ['command line', 'remove-rule'])
})

test('a key for a whole host has to be confirmed', async (t) => {
  const { databaseFile } = await build(t, ADMIN)
  const words = ['key', 'create', 'docs', 'example.com']
  await assert.rejects(run(words, databaseFile), /is a whole host.*Add --confirm if that is meant/)
  assert.match((await run([...words, '--confirm'], databaseFile))[0] ?? '', /^tmk_/)
})

test('a wrong name, prefix or number is refused with a sentence', async (t) => {
  const { databaseFile } = await build(t, ADMIN)
  for (const [words, sentence] of [
    [['key', 'create', ' ', 'example.com'], /^The name of a key has 1 to 60 characters/],
    [['key', 'create', 'a', 'ftp://example.com'], /^That is not the address of a web page/],
    [['key', 'revoke', '7'], /\.$/],
  ] as const) {
    await assert.rejects(run([...words], databaseFile), { message: sentence })
  }
  assert.deepEqual(await run(['key', 'list'], databaseFile), [
    'There are no keys. tallymark key create NAME PREFIX makes one.',
  ])
})
