import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OwnerKey } from '../admin.ts'
import { isOwnerKey, isWithin } from '../owner.ts'
import type { PageKey } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { hashSecret } from '../secret.ts'
import { hostOfSite } from '../site.ts'
import { type Access, bearerOf } from './admin/access.ts'
import type { AppParts } from './app.ts'
import { isOwnOrigin } from './origin.ts'
import { cookieValues } from './request.ts'

/** The cookie in which a browser has the key of a page's owner until it is closed. It shows numbers, and changes nothing. */
const COOKIES = { https: '__Host-tm_key', http: 'tm_key' } as const
/** Cookies of that name that are looked up. Over plain HTTP, other hosts of the domain can add some. */
const MAX_COOKIES = 4

/**
 * Decides who may see numbers over time, outcomes, lists and live visits. With STATS=private, operators may see all, and the owner
 * of pages those of these pages. Badges, and what `/nocount` answers, are for everybody in any case.
 */
export class StatisticsAccess {
  readonly isPublic: boolean
  /** Cache-Control of answers that may be kept, to be asked for again. Those for some people must not get into shared caches. */
  readonly caching: string
  readonly #parts: AppParts
  readonly #access: Access

  constructor(parts: AppParts, access: Access) {
    this.isPublic = parts.settings.statistics === 'public'
    this.caching = this.isPublic ? 'no-cache' : 'private, no-cache'
    this.#parts = parts
    this.#access = access
  }

  /**
   * @param key the page, or the counter of the host, whose numbers are asked for; null for numbers of all pages
   * @throws Refusal `unauthorized`, `forbidden` for the key of other pages, or `too_many_requests` after wrong secrets
   */
  async check(request: FastifyRequest, key: PageKey | null): Promise<void> {
    if (this.isPublic) return
    const bearer = bearerOf(request)
    if (bearer !== null) {
      if (!isOwnerKey(bearer)) await this.#access.operator(request)
      else await this.#checkKeys([await this.#access.owner(request, bearer)], key)
      return
    }
    if (this.#isFromElsewhere(request)) throw notPublic()
    if ((await this.#access.session(request)) === null) {
      await this.#checkKeys(await this.#keysOf(request), key)
    }
  }

  /** Whether `check` lets a request through. */
  allows(request: FastifyRequest, key: PageKey | null): Promise<boolean> {
    return this.allowsAll(request, [key])
  }

  /** Whether `check` lets a request for each of these through. */
  async allowsAll(request: FastifyRequest, keys: readonly (PageKey | null)[]): Promise<boolean> {
    try {
      for (const key of keys) await this.check(request, key)
      return true
    } catch (error) {
      if (error instanceof Refusal && error.status < 500) return false
      throw error
    }
  }

  /**
   * Keeps the key that the owner of a page has typed in, in a cookie.
   * @throws Refusal `unauthorized` or `too_many_requests`
   */
  async keep(request: FastifyRequest, reply: FastifyReply, secret: string): Promise<void> {
    await this.#access.owner(request, secret)
    const isSecure = request.protocol === 'https'
    const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure } as const
    reply.header(
      'set-cookie',
      request.server.serializeCookie(cookieOf(request), secret, attributes),
    )
  }

  /**
   * Whether a page of another site has a browser send the request, other than by a link. Such a page may read the answers of this
   * service, or load them as its own parts, so that the browser's cookies do not hold.
   */
  #isFromElsewhere(request: FastifyRequest): boolean {
    const { origin, 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode } = request.headers
    if (mode !== 'navigate' && site !== 'none' && site !== 'same-origin') return true
    return (
      origin !== undefined && !isOwnOrigin(origin, request, this.#parts.settings.http.publicUrl)
    )
  }

  /** The keys in a browser's cookies that are known and not revoked. */
  async #keysOf(request: FastifyRequest): Promise<OwnerKey[]> {
    const { store, now } = this.#parts
    const secrets = cookieValues(request.headers.cookie, cookieOf(request)).filter(isOwnerKey)
    const keys = await Promise.all(
      secrets.slice(0, MAX_COOKIES).map((secret) => store.admin.key(hashSecret(secret), now())),
    )
    return keys.filter((key) => key !== null)
  }

  async #checkKeys(keys: readonly OwnerKey[], asked: PageKey | null): Promise<void> {
    const [first] = keys
    if (first === undefined) throw notPublic()
    const pages = asked === null ? null : await this.#pagesOf(asked)
    if (pages && keys.some(({ prefix }) => pages.every((page) => isWithin(page, prefix)))) return
    throw new Refusal(
      'forbidden',
      'not your page',
      `These numbers are not public, and your key is for ${first.prefix} and the pages below it alone.`,
    )
  }

  /** The addresses that a key has to be for. An alias may lead to a page of somebody else. */
  async #pagesOf(key: PageKey): Promise<PageKey[]> {
    const host = hostOfSite(key)
    if (host !== null) return [host as PageKey]
    return [key, ...(await this.#parts.store.replica.resolve([key]))]
  }
}

const cookieOf = ({ protocol }: FastifyRequest) =>
  protocol === 'https' ? COOKIES.https : COOKIES.http

function notPublic(): Refusal {
  return new Refusal(
    'unauthorized',
    'not public',
    'The statistics of this counter are not public. Its operator can sign in, and the owner of a page has a key for them; programs send it as Authorization: Bearer.',
  )
}
