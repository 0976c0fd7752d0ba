import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import test, { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { build, readCount } from '../harness/app.ts'
import { until } from '../harness/until.ts'
import { dial, exchange, parseAnswers } from '../harness/wire.ts'

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: counter.example\r\n\r\n`
const VISIT = ask('/count?url=example.com')
const GRAPH = ask('/sample/graph.svg?days=366')

/** A service that stores no visit until `open` is called. */
async function slowService(t: TestContext) {
  const opened = Promise.withResolvers<void>()
  // For tests that fail: the service waits for these visits when it closes.
  t.after(() => opened.resolve())
  const built = await build(t)
  const { store } = built
  const { count } = store
  const waiting = { visits: 0 }
  store.count = async (hit) => {
    waiting.visits += 1
    await opened.promise
    return count(hit)
  }
  return { ...built, waiting, open: opened.resolve }
}

/** Collects the answers to a client. */
function listen(socket: Socket) {
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  return { numbers: () => parseAnswers(text).map(({ body }) => body) }
}

test('a connection has one request in work at a time, and all are answered in order', async (t) => {
  const { waiting, open, port } = await slowService(t)
  const client = await dial(t, port)
  const answers = listen(client)
  client.write(VISIT.repeat(50))
  await until(() => waiting.visits > 0)
  await sleep(50)
  assert.equal(waiting.visits, 1)
  open()
  await until(() => waiting.visits === 50)
  client.end()
  await once(client, 'close')
  assert.deepEqual(
    answers.numbers(),
    Array.from({ length: 50 }, (_, at) => String(at + 1)),
  )
})

test('requests that a client sends ahead of its answers are not read yet', async (t) => {
  const { app, waiting, open, port } = await slowService(t)
  const [[there], client] = await Promise.all([
    once(app.server, 'connection') as Promise<[Socket]>,
    dial(t, port),
  ])
  const many = VISIT.repeat(1000)
  let sent = 0
  while (client.write(many) && sent < 100) sent += 1
  await until(() => waiting.visits === 1)
  for (let times = 0; times < 20; times++) client.write(many)
  await sleep(100)
  assert.ok(there.bytesRead <= 2 * 65_536, `${there.bytesRead} bytes were read`)
  assert.equal(waiting.visits, 1)
  open()
})

test('requests that were sent ahead are dropped when their client disconnects, and do not count', async (t) => {
  const { store, waiting, open, port } = await slowService(t)
  const clients = await Promise.all(Array.from({ length: 5 }, () => dial(t, port)))
  for (const client of clients) client.write(VISIT.repeat(100))
  await until(() => waiting.visits === 5)
  for (const client of clients) client.resetAndDestroy()
  await sleep(50)
  open()
  const [answer] = await exchange(port, VISIT)
  assert.equal(answer?.status, 200)
  await sleep(50)
  assert.equal(await readCount(store, 'example.com'), 6, 'only what was in work')
})

test('a client that sends one request at a time is answered before those that send ahead', async (t) => {
  const { app, port } = await build(t)
  let drawn = 0
  app.server.on('request', ({ url }) => {
    if (url?.startsWith('/sample')) drawn += 1
  })
  const clients = await Promise.all(Array.from({ length: 60 }, () => dial(t, port)))
  for (const client of clients) client.pause().write(GRAPH.repeat(100)) // 6,000 in all
  await until(() => drawn > 0)
  const before = drawn
  const [answer] = await exchange(port, ask('/nocount?url=example.com'))
  assert.equal(answer?.body, '0')
  assert.ok(drawn - before < 1500, `${drawn - before} graphs were drawn first`)
})

test('a client that takes nothing of its answers is disconnected, one that takes little is not', async (t) => {
  const { app, port } = await build(t)
  const there: Socket[] = []
  app.server.on('connection', (socket) => there.push(socket))
  const stalled = await dial(t, port)
  const slow = await dial(t, port)
  // More than the buffers of both kernels hold.
  for (const client of [stalled, slow]) client.pause().write(ask('/openapi.json').repeat(500))
  const reading = setInterval(() => slow.read(50_000), 100)
  t.after(() => clearInterval(reading))
  await until(() => there.some((socket) => socket.destroyed))
  assert.deepEqual(
    there.filter((socket) => !socket.destroyed).map((socket) => socket.remotePort),
    [slow.localPort],
  )
})

test('a client that has said all waits for its answers', async (t) => {
  const { waiting, open, port } = await slowService(t)
  const answered = exchange(port, VISIT.repeat(3))
  await until(() => waiting.visits === 1)
  await sleep(20)
  open()
  assert.deepEqual(
    (await answered).map(({ body }) => body),
    ['1', '2', '3'],
  )
})

test('a body may come in any pieces, with the next request on its heels', async (t) => {
  const { port } = await build(t)
  const body = '{"url": "example.com",\r\n\r\n "x": ""}'
  const post = (rest: string) =>
    `POST /count HTTP/1.1\r\nHost: counter.example\r\nContent-Type: application/json\r\nAccept: text/plain\r\n${rest}`
  const whole = post(`Content-Length: ${body.length}\r\n\r\n${body}`)
  const chunked = post(
    `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  )
  const bytes = (whole + chunked).repeat(2) + VISIT
  for (const size of [1, 7, 64, bytes.length]) {
    const client = await dial(t, port)
    client.setNoDelay(true)
    const answers = listen(client)
    for (let at = 0; at < bytes.length; at += size) {
      client.write(bytes.slice(at, at + size))
      if (size > 1 || at % 16 === 0) await sleep(0)
    }
    client.end()
    await once(client, 'close')
    assert.equal(answers.numbers().length, 5, `in pieces of ${size}`)
    assert.ok(
      answers.numbers().every((number) => /^\d+$/.test(number)),
      String(answers.numbers()),
    )
  }
})

test('a body reaches its handler in few parts, however many its sender makes of it', async (t) => {
  const { app, port } = await build(t)
  let parts = 0
  app.server.prependListener('request', (request: IncomingMessage) => {
    const { push } = request
    request.push = (chunk) => {
      parts += 1
      return push.call(request, chunk)
    }
  })
  const post = (length: string) =>
    `POST /count HTTP/1.1\r\nHost: counter.example\r\nContent-Type: text/plain\r\n${length}\r\n\r\n`
  const lines = '\r\n\r\n'.repeat(4000)
  const [answer] = await exchange(port, `${post(`Content-Length: ${lines.length}`)}${lines}`)
  assert.equal(answer?.status, 400)
  assert.ok(parts <= 4, `a body of blank lines comes in ${parts} parts`)

  const chunked = post('Transfer-Encoding: chunked')
  const chunks = '1\r\na\r\n'.repeat(5000)
  // The blank line behind the head may come in two parts.
  for (const cut of [0, 1, 2, 3, 4]) {
    parts = 0
    const client = await dial(t, port)
    client.setNoDelay(true)
    let text = ''
    client.on('data', (data) => {
      text += data
    })
    client.write(chunked.slice(0, chunked.length - cut))
    await sleep(20)
    client.write(chunked.slice(chunked.length - cut) + chunks)
    await once(client, 'end')
    assert.match(text, /^HTTP\/1.1 413 .*too many chunks/s)
    assert.ok(parts <= 250, `chunks come in ${parts} parts`)
  }
})

test('requests that do not end hold 32 MB at most, and whole ones are answered meanwhile', async (t) => {
  const { app, port } = await build(t)
  const there = new Set<Socket>()
  app.server.on('connection', (socket) => {
    there.add(socket)
    socket.once('close', () => there.delete(socket))
  })
  const rest = 'a'.repeat(15_000)
  const head = `GET / HTTP/1.1\r\nHost: counter.example\r\nX: ${rest}`
  const body = `POST /count HTTP/1.1\r\nHost: counter.example\r\nContent-Length: 16000\r\nContent-Type: text/plain\r\n\r\n${rest}`
  const all = 2600
  for (let first = 0; first < all; first += 100) {
    const clients = await Promise.all(Array.from({ length: 100 }, () => dial(t, port)))
    for (const [at, client] of clients.entries()) client.write(at % 2 === 0 ? head : body)
  }
  await until(() => there.size < all - 200)
  assert.ok(there.size > 1500, `${there.size} connections are left`)
  assert.equal((await exchange(port, VISIT)).length, 1)
})

test('requests that wait hold 32 MB at most, and free them with their connections', async (t) => {
  const { app, waiting, open, port } = await slowService(t)
  const there = new Set<Socket>()
  app.server.on('connection', (socket) => {
    there.add(socket)
    socket.once('close', () => there.delete(socket))
  })
  const ahead = VISIT.repeat(1200)
  const clients = await Promise.all(Array.from({ length: 600 }, () => dial(t, port)))
  for (const client of clients) client.write(ahead)
  await until(() => waiting.visits >= 30 && there.size < 600)
  await sleep(500)
  assert.ok(there.size > 300 && there.size < 550, `${there.size} connections are left`)
  for (const client of clients) client.destroy()
  open()
  await until(() => there.size === 0)
  assert.equal((await exchange(port, ahead)).length, 1200)
})
