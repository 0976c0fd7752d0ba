import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { encodeLine } from './request.ts'
import { Turns } from './turns.ts'

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
 * Lines of a body that comes in chunks, each of which has two: its parser takes some microseconds for each chunk, and 400
 * bytes while the body is on its way. The longest body that is taken, of 16 kB, has few.
 */
const MAX_LINES = 500
const NEWLINE = 10

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

  const refuse = (socket: Socket) => {
    const error = Object.assign(new Error('a body has too many chunks'), { code: 'MANY_CHUNKS' })
    server.emit('clientError', error, socket)
  }

  server.on('connection', (socket: Socket) => {
    turns.postpone()
    const connection = new Connection(socket, turns, hold, refuse)
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
  readonly #refuse: (socket: Socket) => void
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
  /** The last characters of a head that has not ended: a blank line may come in two parts. */
  #tail = ''
  /** Bytes that the body in work still has, where its length is known. */
  #left = 0
  /** Lines of the body in work, where it comes in chunks. */
  #lines = 0
  #stopped = false
  #ended = false

  constructor(
    socket: Socket,
    turns: Turns<Connection>,
    hold: (bytes: number) => boolean,
    refuse: (socket: Socket) => void,
  ) {
    this.#socket = socket
    this.#turns = turns
    this.#hold = hold
    this.#refuse = refuse
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
    this.#lines = 0
    this.#left = Number(request.headers['content-length'] ?? 0)
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
      const end = this.#pieceEnd(bytes)
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
    if (this.#rest === null && this.#mayParse() && this.#pieceEnd(bytes) === bytes.length) {
      this.#read(bytes)
      return true
    }
    if (!this.#keep(this.#rest === null ? bytes : Buffer.concat([this.#rest, bytes]))) {
      this.#socket.destroy()
      return false
    }
    if (this.#inBody() || bytes.indexOf(BLANK_LINE, this.#pieceEnd(bytes)) < 0) this.takeTurn()
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
    if (inBody) {
      if (this.#left > 0) this.#left -= bytes.length
      else if (!this.#countLines(bytes)) {
        this.#refuse(this.#socket)
        return
      }
    }
    this.#parse(this.#inLine ? encodeLine(bytes) : bytes)
    if (inBody || this.#latest !== before) this.#inLine = !this.#inBody()
    else if (this.#inLine) this.#inLine = !bytes.includes(NEWLINE)
    const inHead = !inBody && this.#latest === before
    this.#tail = inHead
      ? (this.#tail + bytes.toString('latin1', Math.max(0, bytes.length - 3))).slice(-3)
      : ''
  }

  /** Where the body ends, or the first blank line; the end of the bytes where neither does. */
  #pieceEnd(bytes: Buffer): number {
    if (this.#left > 0) return Math.min(this.#left, bytes.length)
    if (this.#tail !== '') {
      const seam = this.#tail + bytes.toString('latin1', 0, 3)
      const at = seam.indexOf('\r\n\r\n')
      if (at >= 0) return at + BLANK_LINE.length - this.#tail.length
    }
    const at = bytes.indexOf(BLANK_LINE)
    return at < 0 ? bytes.length : at + BLANK_LINE.length
  }

  /** @returns whether there are few enough */
  #countLines(bytes: Buffer): boolean {
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
      this.#lines += 1
      if (this.#lines > MAX_LINES) return false
    }
    return true
  }
}
