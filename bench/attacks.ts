// One attack in a process: `attacks.ts NAME PORT`. It runs until it is killed.
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Opens one connection of an attack. It is called again when that connection has ended. */
type Client = (socket: Socket, number: number) => Promise<void>

export interface Attack {
  name: string
  title: string
  clients: number
  client: Client
}

const GRAPH = get('/sample/graph.svg?days=366')
const LETTERS = String.fromCharCode(...Array.from({ length: 5200 }, (_, at) => 0x4e00 + at))
const PANIC = '<rect x="1e6" width="9" height="9" opacity=".5"/>'

/* biome-ignore format: one attack a line reads as the table that it is */
export const ATTACKS: readonly Attack[] = [
  { name: 'nothing', title: 'nothing', clients: 0, client: async () => {} },
  { name: 'panic', title: 'a picture that makes resvg panic, as PNG', clients: 4, client: ask(() => get(withPicture(PANIC))) },
  { name: 'costly', title: 'pictures that take seconds, as PNG', clients: 20, client: ask((number) => get(withPicture(costly(number)))) },
  { name: 'graphs', title: '1,400 graphs each, nothing read', clients: 100, client: flood(GRAPH.repeat(1400), 0) },
  { name: 'more-graphs', title: '500 graphs each, nothing read', clients: 1000, client: flood(GRAPH.repeat(500), 0) },
  { name: 'slow', title: '500 graphs each, 1 kB a second read', clients: 1000, client: flood(GRAPH.repeat(500), 1000) },
  { name: 'visits', title: '64 visits each, sent ahead', clients: 1000, client: ask(() => get('/count?url=example.com').repeat(64)) },
  { name: 'label', title: 'each label another, 15,800 letters beside it', clients: 16, client: ask((number) => get(`/nocount/tag.svg?url=%20&label=abcdefghijklmn${number}&pad=${'x'.repeat(15_800)}`)) },
  { name: 'host', title: 'a host of 5,200 different letters', clients: 16, client: ask(() => post(JSON.stringify({ url: `https://${LETTERS}/` }))) },
  { name: 'bodies', title: 'bodies without end', clients: 100, client: sendBody },
]

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: counter.example\r\nUser-Agent: curl/8\r\n\r\n`
}

function post(body: string): string {
  const head = 'POST /count HTTP/1.1\r\nHost: counter.example\r\nContent-Type: application/json'
  return `${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

function withPicture(shapes: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${shapes}</svg>`
  const logo = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
  return `/nocount/tag.png?url=a.example&logo=${encodeURIComponent(logo)}`
}

/** Each number gives another picture, so that no cache helps. */
function costly(number: number): string {
  const arcs = 'a9 9 0 0 1 1 1'.repeat(380)
  return `<path d="M${number % 1000} ${Math.floor(number / 1000)}${arcs}" fill="none" stroke="#000" stroke-linejoin="round" stroke-width="900000"/>`
}

/** Sends what `request` makes, and the next when all of it is answered. */
function ask(request: (number: number) => string): Client {
  return async (socket, number) => {
    for (let times = 0; !socket.destroyed; times++) {
      const text = request(number + times * 10_000)
      let awaited = text.split('HTTP/1.1\r\n').length - 1
      socket.write(text)
      while (awaited > 0 && !socket.destroyed) {
        const chunk: Buffer = await new Promise((resolve) => {
          socket.once('data', resolve)
          socket.once('close', () => resolve(Buffer.alloc(0)))
        })
        awaited -= chunk.toString('latin1').split('HTTP/1.1 ').length - 1
      }
    }
  }
}

/** Sends all of it, and reads only so many bytes of the answers a second. */
function flood(text: string, bytes: number): Client {
  return async (socket) => {
    socket.pause()
    socket.write(text)
    while (!socket.destroyed) {
      await sleep(1000)
      if (bytes > 0) socket.read(bytes)
    }
  }
}

async function sendBody(socket: Socket): Promise<void> {
  const chunk = `4000\r\n${'x'.repeat(16_384)}\r\n`
  socket.resume()
  socket.write(
    'GET /nocount?url=a.example HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n',
  )
  while (!socket.destroyed) {
    if (socket.write(chunk)) await sleep(1)
    else {
      await new Promise((resolve) => {
        socket.once('drain', resolve)
        socket.once('close', resolve)
      })
    }
  }
}

async function attack(name: string | undefined, port: number): Promise<void> {
  const { clients, client } = ATTACKS.find((each) => each.name === name) as Attack
  const take = async (number: number) => {
    for (;;) {
      const socket = connect(port, '127.0.0.1')
      // The attacked service may close connections, or end.
      socket.on('error', () => {})
      const ended = new Promise((resolve) => socket.once('close', resolve))
      socket.setMaxListeners(0)
      await client(socket, number)
      await ended
      await sleep(50)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, number) => take(number)))
}

if (import.meta.main) await attack(process.argv[2], Number(process.argv[3]))
