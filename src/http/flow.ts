import { isAscii } from 'node:buffer'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Turns } from './turns.ts'

/** The end of a request's head. Node's parser takes no other form of it. */
const BLANK_LINE = Buffer.from('\r\n\r\n')
/** Bytes of requests that wait or have not arrived completely, of all connections together. */
const MAX_HELD = 32_000_000
/** Bytes of answers that clients have not read, of all connections together. */
const MAX_UNSENT = 32_000_000
/**
 * Node's timeout of a socket, in ms. The first time-out only notes that some bytes have been sent. So a client that stops
 * reading is disconnected after the second one, plus the time to the next check.
 */
const STALL_MS = 3000
const CHECK_MS = 1000
/**
 * Lines of a body that comes in chunks; each chunk has two. The parser needs some microseconds for each chunk, and 400 bytes
 * while the body arrives. The longest body that is taken, of 16 kB, has few chunks.
 */
const MAX_LINES = 500
const NEWLINE = 10
/** How long a request may hold up the event loop before the next one of its connection has to take turns, in ms. */
const SLOW_MS = 1

/**
 * Makes a server work on one request of a connection at a time. Node's parser begins every request that it reads, some
 * 1,400 in 64 kB, whether or not the client reads the answers. Here the parser gets a request only when the answer to the
 * request before has left. Until then the connection is not read, and further requests wait in the kernel.
 *
 * Requests that are sent ahead of answers take turns, so clients that send one request at a time are answered first. When a
 * client disconnects, its waiting requests are dropped: no handler sees them, and they do not count. A request whose
 * handler has begun counts, whether or not its client waits for the answer. The clients whose requests take long take turns
 * too: libuv accepts one connection in each round of the event loop, and twenty such requests make a round of 100 ms.
 *
 * An answer without an end, such as a stream of events, says so: its response emits `streaming`. It then ends as soon as its client
 * ends the connection on its side.
 *
 * A client that reads nothing of an answer for some 6 s is disconnected. If all clients together leave too much unread, those
 * that hold the most memory are disconnected.
 *
 * @returns a function that must be called with each request before its handler
 */
export function controlFlow(server: Server) {
  const connections = new Map<Socket, Connection>()
  const turns = new Turns<Connection>()
  let held = 0
  /** Counts bytes that are added to these requests. @returns whether there is room for them */
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

/** Gives each socket with unread bytes a timeout, which restarts when bytes leave and which Node replaces after the answer. */
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
  /** Tells Node that the client has sent its last byte. */
  readonly #end: () => void
  /** Requests whose answer has not left: one, or two if the second came together with the end of a body. */
  #working = 0
  /** The last request that the parser has begun. */
  #latest: IncomingMessage | null = null
  /** Bytes that are read and not yet parsed. */
  #rest: Buffer | null = null
  /** Bytes of the request that is arriving: Node's parser keeps its head, and its handler the body. */
  #arrived = 0
  /** Whether the next byte belongs to a request line. */
  #inLine = true
  /** The last characters of a head that has not ended, because a blank line may arrive in two parts. */
  #tail = ''
  /** Bytes that are still to come of the present body, if its length is known. */
  #left = 0
  /** Lines of the present body, if it comes in chunks. */
  #lines = 0
  /** Whether the last request took long: to parse and to begin, as a drawing in its query does. */
  #isSlow = false
  #stopped = false
  #ended = false
  #streams = false

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
    // A listener makes Node's parser stop reading the socket by itself. Then the bytes are taken in `push`, since the socket's
    // stream would cost a fifth of a counted badge.
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
    // Node pauses a socket while nobody reads the body of its request.
    socket.on('resume', () => this.#goOn())
  }

  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#working += 1
    this.#latest = request
    this.#lines = 0
    this.#left = Number(request.headers['content-length'] ?? 0)
    response.on('close', this.#finish)
    response.once('streaming', () => {
      this.#streams = true
      this.#goOn()
    })
    this.#turns.begin(this, response)
  }

  /** Forgets the waiting requests. */
  drop(): void {
    this.#turns.leave(this)
    this.#keep(null)
    this.#arrive(0)
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
    // Nothing else would show that the client of a stream has gone.
    if (this.#ended && this.#streams) this.#end()
    if (!this.#mayParse()) return
    if (this.#rest !== null) this.#turns.wait(this)
    // End the connection only after the answer: a client may close its sending side and still read.
    else if (this.#ended) this.#end()
    else if (this.#stopped) {
      this.#stopped = false
      this.#socket._read(0)
    }
  }

  /** Whether the parser may get more bytes: no request is in work, or the body of one is arriving. */
  #mayParse(): boolean {
    const { writable } = this.#socket
    return writable && !this.#socket.isPaused() && (this.#working === 0 || this.#inBody())
  }

  #inBody(): boolean {
    return this.#latest !== null && !this.#latest.complete
  }

  /** @returns whether more may be read */
  #take(bytes: Buffer): boolean {
    const isOne = this.#pieceEnd(bytes) === bytes.length
    if (this.#rest === null && !this.#isSlow && this.#mayParse() && isOne) {
      this.#read(bytes)
      return true
    }
    if (!this.#keep(this.#rest === null ? bytes : Buffer.concat([this.#rest, bytes]))) {
      this.#socket.destroy()
      return false
    }
    const isLast = !this.#isSlow && bytes.indexOf(BLANK_LINE, this.#pieceEnd(bytes)) < 0
    if (this.#inBody() || isLast) this.takeTurn()
    else this.#goOn()
    return this.#rest === null
  }

  /** @returns whether there is room for the bytes */
  #keep(rest: Buffer | null): boolean {
    const more = (rest?.length ?? 0) - (this.#rest?.length ?? 0)
    this.#rest = rest
    return this.#hold(more)
  }

  /** @returns whether there is room for the bytes */
  #arrive(bytes: number): boolean {
    const more = bytes - this.#arrived
    if (more === 0) return true
    this.#arrived = bytes
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
    const begin = performance.now()
    this.#parse(this.#inLine ? encodeLine(bytes) : bytes)
    this.#isSlow = performance.now() - begin > SLOW_MS
    if (inBody || this.#latest !== before) this.#inLine = !this.#inBody()
    else if (this.#inLine) this.#inLine = !bytes.includes(NEWLINE)
    const inHead = !inBody && this.#latest === before
    this.#tail = inHead
      ? (this.#tail + bytes.toString('latin1', Math.max(0, bytes.length - 3))).slice(-3)
      : ''
    const isPart = inHead || this.#inBody()
    if (!this.#arrive(isPart ? this.#arrived + bytes.length : 0) && isPart) this.#socket.destroy()
  }

  /** The index after the body or the first blank line, or the length if neither ends within the bytes. */
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

  /** @returns whether the body still has few enough lines */
  #countLines(bytes: Buffer): boolean {
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
      this.#lines += 1
      if (this.#lines > MAX_LINES) return false
    }
    return true
  }
}

/**
 * Percent-encodes the bytes of a request line that are not ASCII: `curl` sends an address as a person typed it, and
 * Node's parser refuses such bytes there. In headers it takes them.
 * @param bytes a part of what a client sent, which begins within a request line
 */
export function encodeLine(bytes: Buffer): Buffer {
  if (isAscii(bytes)) return bytes
  const end = bytes.indexOf('\n')
  const line = end < 0 ? bytes : bytes.subarray(0, end)
  if (isAscii(line)) return bytes
  const encoded = line
    .toString('latin1')
    .replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
  return Buffer.concat([Buffer.from(encoded, 'latin1'), bytes.subarray(line.length)])
}
