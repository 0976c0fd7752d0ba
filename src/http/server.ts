import { isUtf8 } from 'node:buffer'
import { closeSync, openSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { withoutPort } from '../address.ts'
import { controlFlow } from './flow.ts'

/**
 * Node's HTTP module, not imported: an import loads all of a module's exports, and this one then loads Node's own
 * fetch and WebSocket, which nothing here uses. They take 15 MB, and 40 ms of a start.
 */
const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http')

/** If connections cannot be accepted, this is reported at most once in this time, in ms. */
const LOG_MS = 60_000
const CHECK_MS = 1000

/**
 * The HTTP server. It bounds what a connection may do, and itself refuses requests that cannot reach a route.
 * @param onError is called when connections cannot be accepted
 */
export function httpServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  onError: (error: Error) => void,
): Server {
  const server = createServer({
    // A whole request arrives quickly; a slow sender may not hold a socket. Node checks every 5 seconds.
    requestTimeout: 10_000,
    headersTimeout: 10_000,
    connectionsCheckingInterval: 5000,
    keepAliveTimeout: 30_000,
    // Node would refuse such a request itself, with an empty answer.
    requireHostHeader: false,
  })
  const begin = controlFlow(server)

  server.on('request', (request, response) => {
    begin(request, response)
    const hosts = countHosts(request)
    if (hosts > 1 || (hosts === 0 && request.httpVersion === '1.1')) {
      refuseEarly(response, 400, 'A request names exactly one Host.')
      return
    }
    const { headers } = request
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
      closeUnread(request, response)
    }
    handler(request, response)
  })
  server.on('checkExpectation', (request, response) => {
    begin(request, response)
    refuseEarly(response, 417, 'This counter knows no expectation but 100-continue.')
  })
  server.on('connect', refuseTunnel)
  let quietUntil = Number.NEGATIVE_INFINITY
  const report = (error: Error) => {
    if (performance.now() < quietUntil) return
    quietUntil = performance.now() + LOG_MS
    onError(error)
  }
  server.on('error', (error) => {
    // Fastify reports a server that cannot listen.
    if (server.listening) report(error)
  })
  server.on('listening', () => {
    const timer = setInterval(() => tryDescriptor(report), CHECK_MS).unref()
    server.once('close', () => clearInterval(timer))
  })
  return server
}

/** The number of Host headers. Node's `headers` keeps only the first. */
function countHosts({ rawHeaders }: IncomingMessage): number {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts
}

/** Ends the connection after the answer if the body has not arrived completely by then, because it may never end. */
function closeUnread(request: IncomingMessage, response: ServerResponse): void {
  const { writeHead } = response
  response.writeHead = (...head: unknown[]) => {
    if (!request.complete) response.shouldKeepAlive = false
    return Reflect.apply(writeHead, response, head)
  }
}

/** A process that cannot open a file cannot accept a connection either: libuv closes the connection and reports nothing. */
function tryDescriptor(report: (error: Error) => void): void {
  try {
    closeSync(openSync(import.meta.filename, 'r'))
  } catch (error) {
    if (/^E[MN]FILE$/.test(String((error as NodeJS.ErrnoException).code))) report(error as Error)
  }
}

/** How malformed requests are refused, by Node's code of the fault. */
const FAULTS: Readonly<Record<string, readonly [status: number, line: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The extensions of a chunk are too long.'],
  MANY_CHUNKS: [413, 'The body comes in too many chunks.'],
  HPE_HEADER_OVERFLOW: [431, 'The address and headers are too long.'],
}
const EARLY_HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  connection: 'close',
}

/** Refuses bytes that are not an HTTP request. They are not logged, because they may hold anything. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET') return
  closeWith(socket, ...(FAULTS[error.code ?? ''] ?? ([400, 'This request is malformed.'] as const)))
}

/** Refuses to be a proxy. */
function refuseTunnel(_request: unknown, socket: Duplex): void {
  closeWith(socket as Socket, 405, 'This counter is no proxy; use GET.', { allow: 'GET' })
}

function closeWith(socket: Socket, status: number, line: string, more: object = {}): void {
  if (socket.destroyed) return
  if (socket.writable) {
    const headers = { ...EARLY_HEADERS, 'content-length': line.length + 1, ...more }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${line}\n`)
  }
  socket.destroySoon()
}

/** Refuses a request before it reaches a route, and closes its connection. */
function refuseEarly(response: ServerResponse, status: number, line: string): void {
  response.writeHead(status, { ...EARLY_HEADERS, 'content-length': line.length + 1 })
  response.end(`${line}\n`)
}

type Incoming = Pick<IncomingMessage, 'url' | 'headers'>

/**
 * Bounds of X-Forwarded-For: only the last addresses are read, which the nearest proxies wrote. A header of 16 kB holds
 * thousands, and each costs some microseconds whenever the visitor's address is needed.
 */
const MAX_ADDRESSES = 30
const MAX_FORWARDED_LENGTH = 2000
/** Characters of the longest Content-Type that is read. Parsing 16 kB of parameters takes over a millisecond. */
const MAX_CONTENT_TYPE_LENGTH = 500

/**
 * Brings the headers that clients write in several ways into one form, in place.
 * @returns the path and query of the request
 */
export function readHead(request: Incoming): string {
  const { headers } = request
  if (headers.referer !== undefined) headers.referer = decodeHeader(headers.referer)
  if ((headers['content-type']?.length ?? 0) > MAX_CONTENT_TYPE_LENGTH) {
    delete headers['content-type']
  }
  return targetOf(request)
}

/** Does the same as `readHead`, and also for X-Forwarded-* headers. It is used unless TRUST_PROXY is false. */
export function readForwardedHead(request: Incoming): string {
  const { headers } = request
  const { 'x-forwarded-for': addresses, 'x-forwarded-proto': protocols } = headers
  if (addresses !== undefined) {
    headers['x-forwarded-for'] = lastAddresses(String(addresses)).map(withoutPort).join(', ')
  }
  // Each proxy may add the protocol of its own connection; the first entry is the browser's.
  if (protocols !== undefined) {
    headers['x-forwarded-proto'] = String(protocols).split(',', 1).join().trim().toLowerCase()
  }
  return readHead(request)
}

function lastAddresses(header: string): string[] {
  const addresses = header.slice(-MAX_FORWARDED_LENGTH).split(',')
  // The first one may be cut off in the middle.
  if (header.length > MAX_FORWARDED_LENGTH) addresses.shift()
  return addresses.slice(-MAX_ADDRESSES)
}

/**
 * The path and query of a request. A request line may also hold an absolute URL, whose host then replaces the Host header
 * (RFC 9112, 3.2.2).
 */
function targetOf({ url = '', headers }: Incoming): string {
  if (url.startsWith('/')) return url
  const [, host, rest = ''] = /^https?:\/\/(?:[^/?#@]*@)?([^/?#@]+)(.*)$/i.exec(url) ?? []
  if (host === undefined) return url
  headers.host = host
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Node reads headers as Latin-1. A value that is valid UTF-8 is decoded as that; any other stays as it is. */
function decodeHeader(value: string): string {
  if (!/[\x80-\xff]/.test(value) || /[^\x00-\xff]/.test(value)) return value
  const bytes = Buffer.from(value, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : value
}
