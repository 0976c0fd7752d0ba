import type { FastifyRequest } from 'fastify'
import { subscriber } from '../address.ts'
import type { ListQuery, PageListQuery, Reader } from '../store.ts'
import { tooMany } from './rate-limits.ts'

/** Lists that are read for one client at once, and requests of it that may wait. */
const MAX_READING = 4
const MAX_WAITING = 50

interface Client {
  reading: number
  /** Requests that begin when they are called. */
  waiting: (() => void)[]
}

/**
 * Reads lists for requests, a few of each client at once: a search may take long, and a client with many of them would have
 * those of everybody else refused.
 */
export class ListReader {
  readonly #lists: Pick<Reader, 'pages' | 'hosts'>
  /** By address, while it has requests. */
  readonly #clients = new Map<string, Client>()

  constructor(lists: Pick<Reader, 'pages' | 'hosts'>) {
    this.#lists = lists
  }

  /** @throws Refusal `too_many_requests` if too many requests of the client wait */
  pages(request: FastifyRequest, query: PageListQuery): ReturnType<Reader['pages']> {
    return this.#inTurn(request, () => this.#lists.pages(query))
  }

  /** @throws Refusal `too_many_requests` if too many requests of the client wait */
  hosts(request: FastifyRequest, query: ListQuery): ReturnType<Reader['hosts']> {
    return this.#inTurn(request, () => this.#lists.hosts(query))
  }

  async #inTurn<Result>({ ip }: FastifyRequest, read: () => Promise<Result>): Promise<Result> {
    const address = subscriber(ip)
    const client = this.#clients.get(address) ?? { reading: 0, waiting: [] }
    this.#clients.set(address, client)
    if (client.reading < MAX_READING) client.reading += 1
    else if (client.waiting.length >= MAX_WAITING) throw tooMany()
    else await new Promise<void>((begin) => client.waiting.push(begin))
    try {
      return await read()
    } finally {
      const next = client.waiting.shift()
      // The next one takes this place.
      if (next) next()
      else client.reading -= 1
      if (client.reading === 0) this.#clients.delete(address)
    }
  }
}
