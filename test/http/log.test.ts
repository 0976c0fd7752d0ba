import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { temporaryFolder } from '../harness/app.ts'
import { startServer, stopServer } from '../harness/server.ts'

const VISITOR = {
  'user-agent': 'VisitorAgent/1.0',
  referer: 'https://visited.example/secret-path',
  cookie: 'tm_AAAAAAAAAAAAAAAA=1.SecretSecret',
  'x-forwarded-for': '203.0.113.7',
}

/** Sends bytes as they are, and returns all that comes back. */
async function raw(port: number, bytes: Buffer): Promise<string> {
  const socket = connect(port, 'localhost')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  socket.write(bytes)
  await once(socket, 'close')
  return answer
}

test('at no level are visitors logged, or data that strangers send; early refusals are plain lines', async (t) => {
  const server = await startServer(t, {
    DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db'),
    LOG_LEVEL: 'trace',
  })
  for (const path of ['/count', '/count/tag.svg', '/count?url=two%20words', '/nothing', '/']) {
    await (await fetch(server.origin + path, { headers: VISITOR })).text()
  }
  const headers = Object.entries(VISITOR).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = (line: string) => Buffer.from(`${line}\r\nHost: x\r\n${headers.join('')}\r\n`)
  const malformed = await raw(
    server.port,
    request('GET /count?url=secret-path.example/ x HTTP/1.1'),
  )
  assert.match(malformed, /^HTTP\/1\.1 400 Bad Request\r\n/)
  assert.match(malformed, /\r\n\r\nThis request is malformed\.\n$/)
  const long = await raw(
    server.port,
    request(`GET /count?url=secret-path.example/${'a'.repeat(20_000)} HTTP/1.1`),
  )
  assert.match(long, /^HTTP\/1\.1 431 /)
  assert.match(long, /\r\n\r\nThe address and headers are too long\.\n$/)
  await raw(server.port, request('NONSENSE /secret-path HTTP/1.1'))
  await stopServer(server)

  const log = server.output()
  assert.match(log, /"level":/, 'there is a log')
  const bytes = JSON.stringify([...Buffer.from('secret-path')]).slice(1, -1)
  for (const trace of [
    'VisitorAgent',
    'visited.example',
    'SecretSecret',
    '203.0.113',
    'secret-path',
    'two%20words',
    bytes,
  ]) {
    assert.ok(!log.includes(trace), `${trace} is not in the log`)
  }
})
