import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Streams } from '../../../src/http/live/streams.ts'
import { Wants } from '../../../src/http/live/wants.ts'
import { VisitLog } from '../../../src/live.ts'
import type { PageKey } from '../../../src/page.ts'
import { T0 } from '../../harness/app.ts'
import { listenTo } from '../../harness/events.ts'
import { listen } from '../../harness/site.ts'
import { until } from '../../harness/until.ts'
import { dial } from '../../harness/wire.ts'

/** Streams on a server of their own, served whenever the test says so. */
async function startStreams(t: TestContext) {
  const log = new VisitLog(1000)
  const streams = new Streams(log, new Wants(), 1000)
  const responses: ServerResponse[] = []
  const host = await listen(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const wanted = { pages: new Set<PageKey>(), hosts: new Set<string>() }
    const more = { address: '', lastEventId: undefined, greeting: '' }
    streams.open(response, { name: '', wanted, ...more }, T0)
    responses.push(response)
  })
  const add = (page: string) => {
    const key = page as PageKey
    const known = { host: 'a.example', isListed: true, outcome: 'counted', at: T0 } as const
    log.add({ page: key, count: 1, ...known })
  }
  return { streams, responses, add, port: Number(host.split(':')[1]), origin: `http://${host}` }
}

/** Streams with a client that does not read. `visitMany` gives it as much to read as a second can. */
async function startSlow(t: TestContext) {
  const { streams, responses, add, port } = await startStreams(t)
  const socket = await dial(t, port)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'data')
  socket.pause()
  const [response] = responses
  assert.ok(response)
  const long = 'x'.repeat(1900)
  async function visitMany(now: number): Promise<void> {
    for (let page = 0; page < 20; page++) add(`a.example/${page}${long}`)
    streams.tick(now)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { streams, socket, response, add, visitMany }
}

test('a client that does not read holds one chunk of events, and is disconnected after 10 seconds', async (t) => {
  const { streams, response, visitMany } = await startSlow(t)
  let now = T0
  let most = 0
  let unreadSince: number | null = null
  while (!response.destroyed) {
    now += 1000
    await visitMany(now)
    most = Math.max(most, response.writableLength)
    if (response.writableLength === 0) unreadSince = null
    else unreadSince ??= now
    assert.ok(unreadSince === null || now - unreadSince <= 12_000, 'it is disconnected in time')
  }
  assert.ok(most > 0 && most < 60_000, `${most} bytes`)
  assert.equal(streams.size, 0)
})

test('a client that reads again goes on with the newest events, although it was slow', async (t) => {
  const { streams, socket, response, add, visitMany } = await startSlow(t)
  let now = T0
  while (response.writableLength === 0) {
    now += 1000
    await visitMany(now)
  }
  // As the server does with connections that leave bytes unread.
  response.socket?.setTimeout(3000)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.resume()
  await until(() => response.writableLength === 0)
  add('a.example/newest')
  now += 1000
  streams.tick(now)
  await until(() => text.includes('a.example/newest'))
  assert.equal(response.destroyed, false)
  assert.equal(response.socket?.timeout, 0)
})

test('a client that has not read everything is told of a change as soon as it has', async (t) => {
  const { streams, socket, response, visitMany } = await startSlow(t)
  let now = T0
  while (response.writableLength === 0) {
    now += 1000
    await visitMany(now)
  }
  streams.announceChange()
  streams.tick(now)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.resume()
  await until(() => response.writableLength === 0)
  streams.tick(now)
  streams.tick(now)
  await until(() => text.includes('event: changed'))
  await pause(20)
  assert.equal(text.split('event: changed').length, 2, 'once')
})

test('a thousand streams are served within a second, a part of them at a time', async (t) => {
  const { streams, add, origin } = await startStreams(t)
  const clients = await Promise.all(Array.from({ length: 300 }, () => listenTo(t, origin)))
  add('a.example/1')
  const served = () => clients.filter((client) => client.events().length > 0).length
  streams.tick(T0)
  await until(() => served() === 128)
  streams.tick(T0)
  streams.tick(T0)
  await until(() => served() === 300)
  for (const client of clients) assert.equal(client.events().length, 1)
})
