import { Agent, get } from 'node:http'
import { createConnection } from 'node:net'
import type { Scope } from './app.ts'

export interface Told {
  page: string
  status: number
  /** 0 if the answer is not a number. */
  number: number
  type: string
  body: string
}

/** Sends many visitors at once. A visit whose connection is lost gives null. */
export function crowd(scope: Scope, origin: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  scope.after(() => agent.destroy())
  return (page: string, path = '/count'): Promise<Told | null> =>
    new Promise((resolve) => {
      get(`${origin}${path}?url=${page}`, { agent }, (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('error', () => resolve(null))
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response
          const number = status === 200 ? Number(body) || 0 : 0
          resolve({ page, status, number, type: String(headers['content-type']), body })
        })
      }).on('error', () => resolve(null))
    })
}

/** The numbers that the visitors of each page got, in ascending order. */
export function numbersByPage(told: Iterable<Told | null>): Map<string, number[]> {
  const numbers = new Map<string, number[]>()
  for (const each of told) {
    if (each?.status !== 200) continue
    const ofPage = numbers.get(each.page)
    if (ofPage) ofPage.push(each.number)
    else numbers.set(each.page, [each.number])
  }
  for (const ofPage of numbers.values()) ofPage.sort((left, right) => left - right)
  return numbers
}

/**
 * Sends very many visits at once: each connection sends all of its visits without waiting, which is much cheaper than a
 * crowd. @returns the bodies of the answers, in the order of the visits to each page
 */
export async function rush(
  port: number,
  connections: number,
  pages: readonly string[],
): Promise<{ page: string; body: string }[]> {
  const asked = Array.from({ length: connections }, (_, at) =>
    pages.filter((_page, index) => index % connections === at),
  )
  const told = await Promise.all(
    asked.map(async (own) => {
      const socket = createConnection({ port, host: '127.0.0.1' })
      socket.setEncoding('latin1')
      const lines = own.map((page, at) => {
        const last = at === own.length - 1 ? 'Connection: close\r\n' : ''
        return `GET /count?url=${page} HTTP/1.1\r\nHost: localhost\r\n${last}\r\n`
      })
      socket.write(lines.join(''))
      let text = ''
      for await (const chunk of socket) text += chunk
      const bodies = text.split('HTTP/1.1 200 OK\r\n').slice(1)
      return own.map((page, at) => ({ page, body: bodies[at]?.split('\r\n\r\n')[1] ?? '' }))
    }),
  )
  return told.flat()
}
