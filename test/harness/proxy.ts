import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import type { Scope } from './app.ts'

/** `swallow` sends the bytes on, and ends the connection in place of the server's answer. */
type Reaction = 'send' | 'cut' | 'send, then cut' | 'swallow'

export interface Network {
  port: number
  /** By how many ms each byte is delayed, in both directions. */
  delayMs: number
  /** From now on all bytes are lost in both directions, and neither side learns that the other has ended. */
  silent: boolean
  /** Is called with the bytes of a client before they are sent on. Its result says what is done instead. */
  onSent: ((data: Buffer) => Reaction) | null
  /** The number of connections that have ended. */
  ended: number
  /** Ends all connections at once. */
  cut(): void
}

/** A network between clients and servers on this machine, with faults on demand. Connections go to the servers in turn. */
export async function startProxy(scope: Scope, ports: () => readonly number[]): Promise<Network> {
  const sockets = new Set<Socket>()
  let turn = 0
  const proxy: Network = {
    port: 0,
    delayMs: 0,
    silent: false,
    onSent: null,
    ended: 0,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
  const server = createServer((client) => {
    const to = ports()
    turn += 1
    const upstream = createConnection({ port: to[turn % to.length] as number, host: '127.0.0.1' })
    const both = [client, upstream]
    let isCut = false
    const end = () => {
      if (proxy.silent) return
      for (const socket of both) {
        sockets.delete(socket)
        socket.destroy()
      }
    }
    const send = (socket: Socket, data: Buffer | string) => {
      if (proxy.silent || isCut) return
      if (proxy.delayMs === 0) socket.write(data)
      else setTimeout(() => socket.write(data), proxy.delayMs)
    }
    for (const socket of both) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', end)
    }
    client.on('data', (data) => {
      const what = proxy.onSent?.(Buffer.from(data)) ?? 'send'
      if (what !== 'cut') send(upstream, data)
      if (what === 'send') return
      if (what === 'swallow') {
        upstream.removeAllListeners('data')
        upstream.on('data', end)
        return
      }
      // Only the client's side ends; the server may finish its work.
      isCut = true
      client.destroy()
      if (what === 'cut') upstream.destroy()
    })
    client.on('close', () => {
      proxy.ended += 1
    })
    client.off('close', end)
    client.on('close', () => (isCut ? upstream.end() : end()))
    upstream.on('data', (data) => send(client, data))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.port = Object(server.address()).port
  scope.after(() => {
    proxy.cut()
    server.close()
  })
  return proxy
}
