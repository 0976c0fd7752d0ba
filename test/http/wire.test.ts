import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import { build, FILE, readCount } from '../harness/app.ts'
import { dial, exchange } from '../harness/wire.ts'

const { store, port } = await build(FILE)

const HOST = 'Host: counter.example\r\n'
const PLAIN = 'text/plain; charset=utf-8'

/** Requests that are refused before they reach a route, with the status and the line. Then the connection ends. */
const REFUSED: [what: string, request: string, status: number, line: RegExp][] = [
  ['HTTP/1.1 without Host', 'GET /count?url=a.example HTTP/1.1\r\n\r\n', 400, /Host/],
  ['two Hosts', `GET /count?url=a.example HTTP/1.1\r\n${HOST}HOST: b.example\r\n\r\n`, 400, /Host/],
  ['two Hosts in HTTP/1.0', `GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`, 400, /Host/],
  ['CONNECT', `CONNECT a.example:443 HTTP/1.1\r\n${HOST}\r\n`, 405, /no proxy/],
  ['an unknown expectation', `GET / HTTP/1.1\r\n${HOST}Expect: cake\r\n\r\n`, 417, /100-continue/],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, /malformed/],
  ['a space', `GET /count?url=a b HTTP/1.1\r\n${HOST}\r\n`, 400, /malformed/],
  [
    'half a body',
    `POST /count HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    400,
    /malformed/,
  ],
]
for (const [what, request, status, line] of REFUSED) {
  test(`${what} is refused with a plain line`, async () => {
    const [answer, ...others] = await exchange(port, request)
    assert.equal(answer?.status, status)
    assert.equal(answer.headers.get('content-type'), PLAIN)
    assert.equal(answer.headers.get('connection'), 'close')
    assert.match(answer.body, /^[^\n]+\n$/)
    assert.match(answer.body, line)
    assert.deepEqual(others, [])
  })
}

/** Requests in forms that few clients use, and the body of the last answer. */
const ANSWERED: [what: string, request: string, body: RegExp][] = [
  ['HTTP/1.0 without Host', 'GET /nocount?url=a.example HTTP/1.0\r\n\r\n', /^0$/],
  ['a page for HTTP/1.0 without Host', 'GET /me HTTP/1.0\r\n\r\n', /^<!doctype html>/],
  [
    'an absolute target',
    `GET http://counter.example/nocount?url=a.example HTTP/1.1\r\n${HOST}\r\n`,
    /^0$/,
  ],
  [
    'an absolute target without path',
    `GET http://counter.example HTTP/1.1\r\n${HOST}\r\n`,
    /^<!do/,
  ],
  [
    'Expect: 100-continue',
    `POST /count HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nAccept: text/plain\r\nContent-Length: 19\r\n\r\nurl=expects.example`,
    /^1$/,
  ],
  [
    'an offer of HTTP/2',
    `GET /nocount?url=a.example HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    /^0$/,
  ],
  [
    'a WebSocket',
    `GET /nocount?url=a.example HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    /^0$/,
  ],
  [
    'GET with a body',
    `GET /nocount?url=a.example HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`,
    /^0$/,
  ],
]
for (const [what, request, body] of ANSWERED) {
  test(`${what} is answered`, async () => {
    const answers = await exchange(port, request)
    assert.equal(answers.at(-1)?.status, 200)
    assert.match(answers.at(-1)?.body ?? '', body)
    assert.equal(answers[0]?.status, what.startsWith('Expect') ? 100 : 200)
  })
}

test('bytes of UTF-8 in a request line or Referer name the page that their percent-encoded form names', async () => {
  const page = 'utf8.example/%E6%97%A5%E6%9C%AC/%C3%A9'
  const raw = 'https://utf8.example/日本/é'
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\n${HOST}${more}\r\n`
  const asked = [
    get(`/count?url=https://${page}`),
    get(`/count?url=${raw}`),
    get('/count', `Referer: ${raw}\r\n`),
    get(`http://counter.example/count?url=${raw}`),
  ]
  const answers = await exchange(port, asked.join(''))
  assert.deepEqual(
    answers.map(({ body }) => body),
    ['1', '2', '3', '4'],
  )
  // In pieces that are cut within characters.
  const client = await dial(FILE, port)
  client.setNoDelay(true)
  client.resume()
  for (const byte of Buffer.from(asked[1] as string)) {
    client.write(Buffer.of(byte))
    await new Promise(setImmediate)
  }
  client.end()
  await once(client, 'close')
  assert.equal(await readCount(store, page), 5)
  const { body } = (await exchange(port, get('/nocount.json', `Referer: ${raw}\r\n`)))[0] ?? {}
  assert.equal(JSON.parse(body ?? '').page, page)
})

test('a Referer that is no UTF-8 is read as Latin-1, as before', async () => {
  const request = Buffer.from(
    `GET /nocount.json HTTP/1.1\r\n${HOST}Referer: https://latin.example/\xe9\r\n\r\n`,
    'latin1',
  )
  const [answer] = await exchange(port, request)
  assert.equal(JSON.parse(answer?.body ?? '').page, 'latin.example/%C3%A9')
})

test('the host of an absolute target is the one that counts', async () => {
  const post = (target: string, host: string) =>
    `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://counter.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\nConnection: close\r\n\r\ncount=no`
  const [own] = await exchange(port, post('http://counter.example/me', 'other.example'))
  assert.equal(own?.status, 303)
  const [strange] = await exchange(port, post('http://other.example/me', 'counter.example'))
  assert.equal(strange?.status, 400)
})

for (const [what, head] of [
  ['GET', 'GET /nocount?url=a.example HTTP/1.1'],
  ['GET of a badge', 'GET /nocount/tag.svg?url=a.example HTTP/1.1'],
  ['GET of a page', 'GET / HTTP/1.1'],
  ['POST where there is none', 'POST /nothing HTTP/1.1'],
  ['POST that is read', 'POST /count HTTP/1.1'],
] as const) {
  for (const length of ['Content-Length: 99999999999', 'Transfer-Encoding: chunked']) {
    test(`${what} with an endless body (${length}) is answered, and its connection ends at once`, async (t) => {
      const piece = length.startsWith('T')
        ? `4000\r\n${'x'.repeat(16_384)}\r\n`
        : 'x'.repeat(16_384)
      let text = ''
      // An answer is lost if the connection is reset before the client has read it.
      for (let tries = 0; text === '' && tries < 5; tries++) {
        const client = await dial(t, port)
        client.on('data', (chunk) => {
          text += chunk
        })
        client.write(`${head}\r\n${HOST}Content-Type: application/json\r\n${length}\r\n\r\n`)
        const sending = setInterval(() => client.write(piece), 2)
        const began = performance.now()
        // The client may fail to send before it reads.
        await new Promise((resolve) => client.once('close', resolve))
        clearInterval(sending)
        assert.ok(performance.now() - began < 1500)
      }
      assert.match(text, /^HTTP\/1\.1 [24]\d\d .*\r\nconnection: close\r\n/is)
    })
  }
}

test('a connection is kept after a body that was not read but has arrived', async () => {
  const get = `GET /nocount?url=a.example HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`
  assert.equal((await exchange(port, get.repeat(3))).length, 3)
})
