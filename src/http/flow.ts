import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Turns } from './turns.ts'
import { encodeLine } from './wire.ts'

/** It ends the head of a request: Node's parser takes no other form of it. */
const BLANK_LINE = Buffer.from('\r\n\r\n')
/** Bytes of requests that wait, of all connections together. */
const MAX_HELD = 64_000_000
/** Bytes of answers that clients have not taken, of all connections together. */
const MAX_UNSENT = 64_000_000
/**
 * Node's timeout of a socket, in ms. It passes once in vain when a part of an answer has left, so a client that takes
 * nothing more is disconnected after twice as long and the time to the next check.
 */
const STALL_MS = 3000
const CHECK_MS = 1000

/**
 * Has a server work on one request of a connection at a time. Node's parser begins every request that it reads, some
 * 1,400 in 64 kB, whether or not the client reads the answers. Here the parser gets a request when the answer to the one
 * before has left, and until then the connection is not read: what else its client sends waits in the kernel.
 *
 * Requests that are sent ahead of answers take turns, so clients that ask one thing at a time are answered first. What
 * waits when its client leaves is dropped: no handler sees it, and nothing is counted. A request whose handler has begun
 * counts, whether or not its client waits for the answer.
 *
 * A client that takes nothing of an answer for some 6 s is disconnected, and so are those that hold the most memory when
 * all together hold too much.
 *
 * @returns what must be called with each request before its handler
 */
export function controlFlow(server: Server) {
  const connections = new Map<Socket, Connection>()
  const turns = new Turns<Connection>()
  let held = 0
  /** @returns whether there is room for so many more bytes */
  const hold = (bytes: number) => {
    held += bytes
    return held <= MAX_HELD
  }

  server.on('connection', (socket: Socket) => {
    turns.postpone()
    const connection = new Connection(socket, turns, hold)
    connections.set(socket, connection)
    socket.once('close', () => {
      connections.delete(socket)
      connection.drop()
    })
  })
  server.on('listening', () => {
    const timer = setInterval(() => disconnectStalled(connections.keys()), CHECK_MS).unref()
    server.once('close', () => clearInterval(timer))
  })
  return (request: IncomingMessage, response: ServerResponse): void =>
    connections.get(request.socket)?.begin(request, response)
}

/** The timeout begins again while bytes move, and Node replaces it when the answer has left. */
function disconnectStalled(sockets: Iterable<Socket>): void {
  const unsent = [...sockets].filter(({ writableLength }) => writableLength > 0)
  for (const socket of unsent) if (socket.timeout !== STALL_MS) socket.setTimeout(STALL_MS)
  let total = unsent.reduce((sum, { writableLength }) => sum + writableLength, 0)
  if (total <= MAX_UNSENT) return
  for (const socket of unsent.sort((a, b) => b.writableLength - a.writableLength)) {
    total -= socket.writableLength
    socket.destroy()
    if (total <= MAX_UNSENT) return
  }
}

class Connection {
  readonly #socket: Socket
  readonly #turns: Turns<Connection>
  readonly #hold: (bytes: number) => boolean
  /** Node's parser of requests. */
  readonly #parse: (bytes: Buffer) => void
  /** Ends the stream of what the client sends. */
  readonly #end: () => void
  /** Requests whose answer has not left: one, or two where the second came with the end of a body. */
  #working = 0
  /** The last of them. */
  #latest: IncomingMessage | null = null
  /** What is read and not yet parsed. */
  #rest: Buffer | null = null
  /** Whether the next byte is one of a request line. */
  #inLine = true
  #stopped = false
  #ended = false

  constructor(socket: Socket, turns: Turns<Connection>, hold: (bytes: number) => boolean) {
    this.#socket = socket
    this.#turns = turns
    this.#hold = hold
    this.#parse = socket.listeners('data')[0] as (bytes: Buffer) => void
    // Node's parser reads past JavaScript until somebody listens. The bytes are then taken where they come in, since
    // passing through the socket's stream costs a fifth of a counted badge.
    socket.on('data', this.#parse)
    socket.removeAllListeners('data')
    const { push } = socket
    this.#end = () => push.call(socket, null)
    socket.push = (bytes: Buffer | null) => {
      if (bytes === null) this.#ended = true
      const readOn = bytes !== null && this.#take(bytes)
      this.#stopped = !readOn
      if (this.#ended) this.#goOn()
      return readOn
    }
    // Node pauses a socket of whose body nothing is read.
    socket.on('resume', () => this.#goOn())
  }

  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#working += 1
    this.#latest = request
    response.on('close', this.#finish)
    this.#turns.begin(this, response)
  }

  /** Forgets what waits. */
  drop(): void {
    this.#turns.leave(this)
    this.#keep(null)
  }

  takeTurn(): void {
    while (this.#rest !== null && this.#mayParse()) {
      const bytes = this.#rest
      const end = headEnd(bytes)
      this.#keep(end < bytes.length ? bytes.subarray(end) : null)
      this.#read(bytes.subarray(0, end))
    }
    this.#goOn()
  }

  readonly #finish = () => {
    this.#working -= 1
    if (this.#working === 0 && this.#latest?.complete) this.#latest = null
    this.#goOn()
  }

  #goOn(): void {
    if (!this.#mayParse()) return
    if (this.#rest !== null) this.#turns.wait(this)
    // A client that sends no more may still wait for its answer.
    else if (this.#ended) this.#end()
    else if (this.#stopped) {
      this.#stopped = false
      this.#socket._read(0)
    }
  }

  /** Whether the parser may have more: there is nothing in work, or a body is on its way. */
  #mayParse(): boolean {
    const { writable } = this.#socket
    return writable && !this.#socket.isPaused() && (this.#working === 0 || this.#inBody())
  }

  #inBody(): boolean {
    return this.#latest !== null && !this.#latest.complete
  }

  /** @returns whether more may be read */
  #take(bytes: Buffer): boolean {
    if (this.#rest === null && this.#mayParse() && headEnd(bytes) === bytes.length) {
      this.#read(bytes)
      return true
    }
    if (!this.#keep(this.#rest === null ? bytes : Buffer.concat([this.#rest, bytes]))) {
      this.#socket.destroy()
      return false
    }
    if (this.#inBody() || bytes.indexOf(BLANK_LINE, headEnd(bytes)) < 0) this.takeTurn()
    else this.#goOn()
    return this.#rest === null
  }

  /** @returns whether there is room for it */
  #keep(rest: Buffer | null): boolean {
    const more = (rest?.length ?? 0) - (this.#rest?.length ?? 0)
    this.#rest = rest
    return this.#hold(more)
  }

  #read(bytes: Buffer): void {
    const before = this.#latest
    const inBody = this.#inBody()
    this.#parse(this.#inLine ? encodeLine(bytes) : bytes)
    if (inBody || this.#latest !== before) this.#inLine = !this.#inBody()
    else if (this.#inLine) this.#inLine = !bytes.includes('\n')
  }
}

/** Where the first blank line ends; the end where there is none. */
function headEnd(bytes: Buffer): number {
  const at = bytes.indexOf(BLANK_LINE)
  return at < 0 ? bytes.length : at + BLANK_LINE.length
}
