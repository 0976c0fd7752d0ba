import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface Site {
  /** Such as `http://127.0.0.1:40123`, which no browser takes for the same site as localhost. */
  origin: string
  host: string
  /** The page that every path of the site shows. */
  html: string
}

/** Starts a server on a free port of 127.0.0.1, which ends with the test. @returns its `host:port` */
export async function listen(
  t: TestContext,
  answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Somebody's static site: the same page at every path. */
export async function startSite(t: TestContext, html = ''): Promise<Site> {
  const site = { html, origin: '', host: '' }
  site.host = await listen(t, (_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    outgoing.end(`<!doctype html><title>A site</title>${site.html}`)
  })
  site.origin = `http://${site.host}`
  return site
}

/** A reverse proxy that serves another server under a path prefix, which it strips. */
export async function startProxy(t: TestContext, target: string, prefix: string): Promise<string> {
  const host = await listen(t, (incoming, outgoing) => {
    const path = incoming.url ?? ''
    if (!path.startsWith(`${prefix}/`)) return outgoing.writeHead(404).end()
    const forwarded = request(
      target + path.slice(prefix.length),
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      },
    )
    forwarded.on('error', () => outgoing.writeHead(502).end())
    incoming.pipe(forwarded)
  })
  return `http://${host}${prefix}/`
}
