import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'
import { isInRanges, type Range, subscriber } from '../address.ts'
import { isImageProxy } from '../agent.ts'
import { Refusal } from '../refusal.ts'
import { pathOf } from './form.ts'

const MINUTE_MS = 60_000
/** Addresses remembered for each limit; the one that was quiet for longest makes room. */
const ADDRESSES = 20_000

/** A health check asks all the time; a page is not shown without its files. */
const UNLIMITED = /^\/(healthz$|assets\/|favicon\.ico$|robots\.txt$)/

export interface Limits {
  /** Requests a minute from one address, image proxies, health checks and files aside; 0 for no limit. */
  requests: number
  /** Requests a minute from one address that no route takes; 0 for no limit. */
  notFound: number
}

/**
 * Limits what one address may ask of the routes that are added to `app` afterwards. Where there is no limit, there is
 * no hook either.
 * @returns what runs before a request that no route takes is answered
 */
export async function limitRequests(
  app: FastifyInstance,
  { requests, notFound }: Limits,
): Promise<preHandlerAsyncHookHandler[]> {
  if (requests === 0 && notFound === 0) return []
  const off = {
    'x-ratelimit-limit': false,
    'x-ratelimit-remaining': false,
    'x-ratelimit-reset': false,
  }
  await app.register(rateLimit, {
    global: requests > 0,
    max: requests,
    timeWindow: MINUTE_MS,
    cache: ADDRESSES,
    keyGenerator: ({ ip }) => subscriber(ip),
    allowList: (request: FastifyRequest) =>
      UNLIMITED.test(pathOf(request)) || isImageProxy(request.headers['user-agent']),
    // Answers are made apart from this plugin, and a limit is nobody's business until it is reached.
    addHeadersOnExceeding: off,
    addHeaders: { ...off, 'retry-after': true },
    errorResponseBuilder: () =>
      new Refusal(
        'too_many_requests',
        'too many requests',
        'Your address has asked more often than this counter allows; try again in a minute.',
      ),
  })
  return notFound === 0 ? [] : [app.rateLimit({ max: notFound, allowList: [] })]
}

/**
 * Refuses all that comes from some addresses, whatever it asks for.
 * @returns the refusal of a request that should not be answered; null where it may be
 */
export function banAddresses(app: FastifyInstance, ranges: readonly Range[]) {
  const banned = (request: FastifyRequest): Refusal | null =>
    isInRanges(request.ip, ranges)
      ? new Refusal('banned', 'banned', 'This counter does not answer your address.')
      : null
  if (ranges.length > 0) {
    app.addHook('onRequest', (request, _reply, done) => done(banned(request) ?? undefined))
  }
  return banned
}
