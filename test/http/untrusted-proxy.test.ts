import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { build, temporaryFolder } from '../harness/app.ts'
import { startServer, stopServer } from '../harness/server.ts'

/** The warnings of a service after requests with these headers from these addresses. */
async function warnings(
  t: TestContext,
  env: Record<string, string>,
  ...requests: [remoteAddress: string, headers: Record<string, string>][]
): Promise<string[]> {
  const { app } = await build(t, env)
  const warn = t.mock.method(app.log, 'warn')
  for (const [remoteAddress, headers] of requests) {
    await app.inject({ url: '/nocount?url=example.com', remoteAddress, headers })
  }
  return warn.mock.calls.map((call) => String((call.arguments as unknown[])[0]))
}

const FOR = { 'x-forwarded-for': '203.0.113.7' }

test('a warning about a forgotten TRUST_PROXY is logged once, with the value to set and no address', async (t) => {
  const server = await startServer(t, { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') })
  for (const headers of [{}, FOR, FOR, { 'x-forwarded-proto': 'https' }]) {
    for (const path of ['/count?url=example.com', '/healthz', '/nowhere']) {
      await (await fetch(server.origin + path, { headers })).text()
    }
  }
  await stopServer(server)
  const [line = '', ...more] = server.output().match(/^\{.*$/gm) ?? []
  assert.deepEqual(more, [])
  const { level, msg } = JSON.parse(line)
  assert.equal(level, 40)
  assert.match(
    msg,
    /header x-forwarded-for .*TRUST_PROXY does not name.* set TRUST_PROXY=loopback\./,
  )
  assert.doesNotMatch(line, /203\.0|127\.0|::1/)
})

test('a ban that hits the proxy, and so everybody, does not hide it', async (t) => {
  const env = { BAN_ADDRESSES: '127.0.0.1' }
  const [line = ''] = await warnings(t, env, ['127.0.0.1', FOR])
  assert.match(line, /set TRUST_PROXY=loopback/)
})

test('it says which name of TRUST_PROXY the proxy would be trusted by', async (t) => {
  const proxies: [address: string, named: string][] = [
    ['::1', 'loopback'],
    ['172.17.0.1', 'uniquelocal'],
    ['::ffff:10.0.0.2', 'uniquelocal'],
    ['fe80::1', 'linklocal'],
    ['198.51.100.1', 'ADDRESS, the address of the proxy'],
  ]
  for (const [address, named] of proxies) {
    const lines = await warnings(t, {}, [address, {}], [address, FOR], [address, FOR])
    assert.equal(lines.length, 1, address)
    assert.ok(lines[0]?.includes(`set TRUST_PROXY=${named}.`), String(lines[0]))
    assert.ok(!lines[0]?.includes(address))
  }
})

test('a trusted proxy causes no warning, and another one does even then', async (t) => {
  const env = { TRUST_PROXY: 'loopback, 10.0.0.0/8' }
  const trusted: [string, Record<string, string>][] = [
    ['127.0.0.1', FOR],
    ['::ffff:127.0.0.1', FOR],
    ['10.9.9.9', FOR],
  ]
  assert.deepEqual(await warnings(t, env, ...trusted, ...trusted), [])
  const forwarded = { forwarded: 'for=203.0.113.7;proto=https' }
  const lines = await warnings(t, env, ...trusted, ['172.17.0.1', forwarded], ...trusted)
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /the header forwarded .*TRUST_PROXY=uniquelocal\./)
  assert.deepEqual(await warnings(t, { TRUST_PROXY: 'true' }, ['198.51.100.1', FOR]), [])
})
