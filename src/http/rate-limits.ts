import limiter from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'
import type { Settings } from '../../config.ts'
import { type AddressRanges, subscriber } from '../address.ts'
import { isImageProxy } from '../agent.ts'
import { Refusal } from '../refusal.ts'
import { MINUTE_MS } from '../time.ts'
import { pathOf } from './request.ts'

/** Addresses remembered for each limit; when there are more, the one that was quiet for longest is forgotten. */
const ADDRESSES = 20_000

/** Paths without a limit: health checks come all the time, and a page needs its files. */
const UNLIMITED = /^\/(healthz$|assets\/|favicon\.ico$|robots\.txt$)/

/**
 * Limits the requests of one address to the routes that are added to `app` afterwards. A route without a limit has no
 * hook.
 * @returns hooks for the handler of requests that no route takes
 */
export async function limitRequests(
  app: FastifyInstance,
  { rateLimit, rateLimitNotFound }: Settings['http'],
): Promise<preHandlerAsyncHookHandler[]> {
  if (rateLimit === 0 && rateLimitNotFound === 0) return []
  const off = {
    'x-ratelimit-limit': false,
    'x-ratelimit-remaining': false,
    'x-ratelimit-reset': false,
  }
  await app.register(limiter, {
    global: rateLimit > 0,
    max: rateLimit,
    timeWindow: MINUTE_MS,
    cache: ADDRESSES,
    keyGenerator: ({ ip }) => subscriber(ip),
    allowList: (request: FastifyRequest) =>
      UNLIMITED.test(pathOf(request)) || isImageProxy(request.headers['user-agent']),
    // Our answers bypass these headers, and only a client that reached the limit has to know it.
    addHeadersOnExceeding: off,
    addHeaders: { ...off, 'retry-after': true },
    errorResponseBuilder: tooMany,
  })
  return rateLimitNotFound === 0 ? [] : [app.rateLimit({ max: rateLimitNotFound, allowList: [] })]
}

export function tooMany(): Refusal {
  return new Refusal(
    'too_many_requests',
    'too many requests',
    'Your address has asked more often than this counter allows; try again in a minute.',
  )
}

/** Counts a request several times more against the limit. @returns how often the limit allowed it */
export type LimitFurther = (request: FastifyRequest, times: number) => Promise<number>

/** @returns a function for requests that ask for several pages */
export function limitFurther(app: FastifyInstance, { rateLimit }: Settings['http']): LimitFurther {
  if (rateLimit === 0) return async (_request, times) => times
  const limit = app.createRateLimit()
  return async (request, times) => {
    // One after the other: the plugin reads the number after an await, in an object that calls at once would share.
    for (let allowed = 0; allowed < times; allowed++) {
      const result = await limit(request)
      if (!result.isAllowed && result.isExceeded) return allowed
    }
    return times
  }
}

/**
 * Refuses every request from banned addresses.
 * @param banned gives the addresses, which may change while the service runs
 * @returns a function that gives the refusal of a request, or null if its address is not banned
 */
export function banAddresses(app: FastifyInstance, banned: () => AddressRanges) {
  const refusal = (request: FastifyRequest): Refusal | null => {
    const ranges = banned()
    if (ranges.size === 0 || !ranges.has(request.ip)) return null
    return new Refusal('banned', 'banned', 'This counter does not answer your address.')
  }
  app.addHook('onRequest', (request, _reply, done) => done(refusal(request) ?? undefined))
  return refusal
}
