import { closeSync, openSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { controlFlow } from './flow.ts'
import { createServer } from './node-http.ts'
import { refuseEarly, refuseTunnel } from './refuse.ts'

/** That connections cannot be accepted is logged once in so many ms. */
const LOG_MS = 60_000
const CHECK_MS = 1000

/**
 * The HTTP server: it bounds what a connection may do, and answers what never reaches a route.
 * @param onError is told when connections cannot be accepted
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
    // Node's own refusal is empty.
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
  const fail = (error: Error) => {
    if (performance.now() < quietUntil) return
    quietUntil = performance.now() + LOG_MS
    onError(error)
  }
  server.on('error', (error) => {
    // Fastify tells of a server that cannot listen.
    if (server.listening) fail(error)
  })
  server.on('listening', () => {
    const timer = setInterval(() => tryDescriptor(fail), CHECK_MS).unref()
    server.once('close', () => clearInterval(timer))
  })
  return server
}

/** Node keeps the first of two. */
function countHosts({ rawHeaders }: IncomingMessage): number {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts
}

/** Ends the connection with the answer, where a body is still on its way then: it may have no end. */
function closeUnread(request: IncomingMessage, response: ServerResponse): void {
  const { writeHead } = response
  response.writeHead = (...head: unknown[]) => {
    if (!request.complete) response.shouldKeepAlive = false
    return Reflect.apply(writeHead, response, head)
  }
}

/** Where no file can be opened, no connection can be accepted either: libuv closes it, and tells nobody. */
function tryDescriptor(fail: (error: Error) => void): void {
  try {
    closeSync(openSync(import.meta.filename, 'r'))
  } catch (error) {
    if (/^E[MN]FILE$/.test(String((error as NodeJS.ErrnoException).code))) fail(error as Error)
  }
}
