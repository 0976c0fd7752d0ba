import { Agent, get } from 'node:http'
import type { Scope } from './app.ts'

export interface Told {
  page: string
  status: number
  /** 0 where the answer is no number. */
  number: number
  type: string
  body: string
}

/** Many visitors at once. A visit whose connection is lost is told as null. */
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

/** The numbers that each page's visitors were answered, in order. */
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
