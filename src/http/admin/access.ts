import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Actor, OwnerKey, Session } from '../../admin.ts'
import { isOwnerKey } from '../../owner.ts'
import { Refusal } from '../../refusal.ts'
import { hashSecret, isSecret } from '../../secret.ts'
import { SESSION_MS } from '../../sign-in.ts'
import type { AppParts } from '../app.ts'
import { cookieValues } from '../request.ts'
import type { Tries } from './tries.ts'

/** Who makes a request for administration. */
export interface Operator {
  /** As the audit log shows it. */
  actor: Actor
  /** The session of a browser, with its secret; null for a script. */
  session: (Session & { secret: string }) | null
}

/** The cookie of a session. Over HTTPS no other host of the domain can set it, and it is not sent over plain HTTP. */
const COOKIES = { https: '__Host-tm_admin', http: 'tm_admin' } as const
/** Cookies of that name that are looked up. Over plain HTTP, other hosts of the domain can add some. */
const MAX_COOKIES = 4

/**
 * Finds out who makes a request, by its cookie or its bearer token. A right secret always works: only wrong ones are limited, since
 * others may have the same address, and nobody finds a right one by trying.
 */
export class Access {
  readonly #parts: AppParts
  readonly #tries: Tries
  /** The SHA-256 of ADMIN_TOKEN: hashes can be compared in constant time, whatever the length of what was sent. */
  readonly #token: Buffer | null

  constructor(parts: AppParts, tries: Tries) {
    const { token } = parts.settings.admin
    this.#parts = parts
    this.#tries = tries
    this.#token = token === undefined ? null : hash('sha256', token, 'buffer')
  }

  /** @throws Refusal `unauthorized`, `forbidden` for an owner's key, or `too_many_requests` */
  async operator(request: FastifyRequest): Promise<Operator> {
    const bearer = bearerOf(request)
    if (bearer === null) {
      const session = await this.session(request)
      if (session !== null) return { actor: `session ${session.id}`, session }
      throw new Refusal(
        'unauthorized',
        'sign in first',
        'Sign in first: `npm run sign-in`, or `tallymark sign-in`, on the machine of the service prints a link. Scripts send ' +
          'ADMIN_TOKEN as Authorization: Bearer.',
      )
    }
    const isToken =
      this.#token !== null && timingSafeEqual(hash('sha256', bearer, 'buffer'), this.#token)
    if (isToken) return { actor: 'ADMIN_TOKEN', session: null }
    if (!isOwnerKey(bearer)) {
      throw this.#wrong(
        request,
        'wrong token',
        'That is not the ADMIN_TOKEN of this service. It is set where the service starts.',
      )
    }
    await this.owner(request, bearer)
    throw new Refusal(
      'forbidden',
      'not with a key',
      "An owner's key changes pages by /api/v1/page, and nothing else.",
    )
  }

  /**
   * The key of a page's owner.
   * @param secret the key; by default the request's bearer token
   * @throws Refusal `unauthorized` or `too_many_requests`
   */
  async owner(request: FastifyRequest, secret = bearerOf(request)): Promise<OwnerKey> {
    if (secret === null || secret === '') {
      throw new Refusal('unauthorized', 'no key', 'Send your key as Authorization: Bearer tmk_….')
    }
    const { store, now } = this.#parts
    const key = isOwnerKey(secret) ? await store.admin.key(hashSecret(secret), now()) : null
    if (key !== null) return key
    throw this.#wrong(
      request,
      'wrong key',
      'This token or key is unknown, or was revoked. Ask the operator of this counter for another one.',
    )
  }

  /** Uses up a link to sign in. @throws Refusal `unauthorized` or `too_many_requests` */
  async useLink(request: FastifyRequest, secret: string): Promise<void> {
    const { store, now } = this.#parts
    const isLink = isSecret(secret) && (await store.admin.useLink(hashSecret(secret), now()))
    if (isLink) return
    throw this.#wrong(
      request,
      'no such link',
      'This link does not work: it was used already, it is older than 10 minutes, or it is not complete.',
    )
  }

  /** The refusal of a wrong secret. @throws Refusal `too_many_requests` instead if its address has tried too many */
  #wrong({ ip }: FastifyRequest, brief: string, sentence: string): Refusal {
    this.#tries.check(ip)
    this.#tries.fail(ip)
    return new Refusal('unauthorized', brief, sentence)
  }

  /** The session of a browser that is signed in; null if it is not. */
  async session(request: FastifyRequest): Promise<Operator['session']> {
    const { store, now } = this.#parts
    const secrets = cookieValues(request.headers.cookie, cookieOf(request)).filter(isSecret)
    for (const secret of secrets.slice(0, MAX_COOKIES)) {
      const session = await store.admin.session(hashSecret(secret), now(), SESSION_MS)
      if (session !== null) return { ...session, secret }
    }
    return null
  }
}

/** The token of a request; null if it has none. A proxy may ask browsers for a password, which is then sent here too. */
export function bearerOf({ headers }: FastifyRequest): string | null {
  return /^Bearer +(\S*) *$/i.exec(headers.authorization ?? '')?.[1] ?? null
}

const cookieOf = ({ protocol }: FastifyRequest) =>
  protocol === 'https' ? COOKIES.https : COOKIES.http

/** Whether a request may come from a browser that is signed in. Its session is not looked up. */
export function hasSessionCookie(request: FastifyRequest): boolean {
  return cookieValues(request.headers.cookie, cookieOf(request)).some(isSecret)
}

/** The value of Set-Cookie that keeps a session, or ends it. */
export function sessionCookie(request: FastifyRequest, secret: string | null): string {
  return request.server.serializeCookie(cookieOf(request), secret ?? '', {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: request.protocol === 'https',
    maxAge: secret === null ? 0 : SESSION_MS / 1000,
  })
}

/** What CSRF tokens of a session are made with. It follows from the session's secret, so it is stored nowhere. */
export function csrfSecret(secret: string): string {
  return createHmac('sha256', secret).update('csrf').digest('base64url')
}
