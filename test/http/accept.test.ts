import assert from 'node:assert/strict'
import dns from 'node:dns/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { build, temporaryFolder } from '../harness/app.ts'
import { startServer } from '../harness/server.ts'
import { until } from '../harness/until.ts'
import { exchange } from '../harness/wire.ts'

const NOCOUNT = 'GET /nocount?url=a.example HTTP/1.1\r\nHost: counter.example\r\n\r\n'

test('a service without file descriptors for more connections says so once, and goes on', async (t) => {
  const server = await startServer(
    t,
    {
      DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db'),
      HOST: '127.0.0.1',
    },
    60,
  )
  const clients = Array.from({ length: 200 }, () => connect(server.port, '127.0.0.1'))
  for (const client of clients) client.on('error', () => {})
  const told = () => server.output().match(/EMFILE/g)?.length ?? 0
  await until(() => told() > 0)
  await sleep(1500)
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
  assert.equal(lines.length, 1, lines.join('\n'))
  assert.match(lines[0] ?? '', /"level":50,.*"msg":"connections cannot be accepted"/)
  for (const client of clients) client.destroy()
  await sleep(100)
  const answer = await fetch(`${server.origin}/nocount?url=a.example`)
  assert.equal(await answer.text(), '0')
})

test('a connection that could not be accepted ends nothing', async (t) => {
  const { app, port } = await build(t)
  for (let times = 0; times < 3; times++) app.server.emit('error', new Error('accept EMFILE'))
  assert.equal((await exchange(port, NOCOUNT))[0]?.body, '0')
})

test('each address of localhost is served alike, and closed with the service', async (t) => {
  // The service listens on the first one itself.
  const [first] = await dns.lookup('localhost', { all: true })
  const others = ['127.0.0.2', '127.0.0.3'].map((address) => ({ address, family: 4 }))
  const addresses = [first as (typeof others)[0], ...others]
  t.mock.method(dns, 'lookup', async () => addresses)
  const { app, port } = await build(t, { HOST: 'localhost' })
  const ask = (address: string, request: string) => exchange(port, request, address)
  await until(() =>
    ask('127.0.0.3', NOCOUNT).then(
      () => true,
      () => false,
    ),
  )
  for (const { address } of addresses) {
    assert.equal((await ask(address, NOCOUNT))[0]?.body, '0')
    // Refused by the server itself, past its routes.
    assert.equal((await ask(address, 'NONSENSE\r\n\r\n'))[0]?.status, 400)
    assert.equal((await ask(address, `CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n`))[0]?.status, 405)
    const offer = NOCOUNT.replace('\r\n\r\n', '\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
    assert.equal((await ask(address, offer))[0]?.body, '0')
  }
  await app.close()
  for (const { address } of addresses) {
    const [error] = await once(connect(port, address), 'error')
    assert.equal(error.code, 'ECONNREFUSED', address)
  }
})
