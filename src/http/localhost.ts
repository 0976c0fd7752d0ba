import dns from 'node:dns/promises'
import { once } from 'node:events'
import { createServer as createListener, type Server as Listener, type Server } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * Serves all addresses of `localhost`, which are often two. The app's server listens on one of them. Listeners on the others
 * hand their connections over to it, so all addresses get the same answers.
 */
export function serveLocalhost(app: FastifyInstance): void {
  let others = Promise.resolve<Listener[]>([])
  // Not awaited: the hooks after this one could otherwise run after the app has closed.
  app.addHook('onListen', async () => {
    others = listenOnOthers(app.server).catch((err) => {
      app.log.error({ err }, 'an address of localhost is not served')
      return []
    })
  })
  app.addHook('preClose', async () => {
    for (const listener of await others) listener.close()
  })
}

/** @param server the app's server. If it does not listen on an address of localhost, this function does nothing. */
async function listenOnOthers(server: Server): Promise<Listener[]> {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') return []
  const addresses = new Set((await dns.lookup('localhost', { all: true })).map((at) => at.address))
  if (!addresses.delete(bound.address)) return []
  const listeners: Listener[] = []
  for (const host of addresses) {
    const listener = createListener({ allowHalfOpen: true, noDelay: true }, (socket) =>
      server.emit('connection', socket),
    )
    try {
      await once(listener.listen({ host, port: bound.port }), 'listening')
      listeners.push(listener)
    } catch (error) {
      // A machine may resolve localhost to an address that it does not have.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') throw error
    }
  }
  return listeners
}
