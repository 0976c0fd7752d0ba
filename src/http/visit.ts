import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AddressRanges } from '../address.ts'
import type { Agent, agentReader } from '../agent.ts'
import { Cache, copyText } from '../cache.ts'
import { identifyPage, type PageKey, type PageRules } from '../page.ts'
import { hostOfSite, identifySite } from '../site.ts'
import { cookieName, formatToken, parseToken, type Token } from '../token.ts'
import type { Exclusion, Visit } from '../visit.ts'
import { cookieValues, hasOwnMark, keepsSecureCookies, type Query } from './request.ts'

export interface VisitRules {
  pages: PageRules
  /** Whether a page is shown, but never counted. */
  isUntracked: (page: PageKey) => boolean
  readAgent: ReturnType<typeof agentReader>
  /** Addresses that are not counted. */
  excluded: AddressRanges
  /** Whether visitors are recognised without a cookie. */
  recognises: boolean
}

interface KnownPage {
  page: PageKey
  /** The name of the page's window cookie. */
  cookie: string
  /** Whether the page is shown, but never counted. */
  untracked: boolean
}

/** What a request is about: a page, or a whole host. */
export interface Subject {
  /** The page, or the key of the host's counter. */
  key: PageKey
  /** As people know it: the page's key, or the host. */
  name: string
  /** Null for a host. */
  page: PageKey | null
}

/** All that a request says about its visit. The route adds the time and the requested periods. */
export interface RequestedVisit extends Omit<Visit, 'spans' | 'now'> {
  /** The name of the page's window cookie. */
  cookie: string
}

/** Bytes for known hosts. */
const MAX_SITE_BYTES = 2_000_000
/** Bytes for known pages, some 50,000 of ordinary length; and bytes that one takes beside its address and its key. */
const MAX_KNOWN_BYTES = 32_000_000
const PAGE_BYTES = 150
/** Tokens that are looked up for a visit, one after the other. A browser does not hold more by itself. */
const MAX_TOKENS = 4
const NO_TOKENS: readonly Token[] = []
/** A visit that only reads the number. Nothing else about it matters. */
const READING = {
  readOnly: true,
  excluded: null,
  bot: false,
  tokens: NO_TOKENS,
  reserved: false,
  visitor: null,
}
/** Characters of a Referer that are parsed: no scheme and host are longer, and thousands of letters take some ms. */
const MAX_SITE = 300

/** Reads visits from requests. */
export class VisitReader {
  #rules: VisitRules
  /** Pages by the addresses that requests name them by: the same ones come again and again. */
  readonly #known = new Cache<KnownPage>(MAX_KNOWN_BYTES, ({ page }) => PAGE_BYTES + page.length)

  /** The keys of hosts' counters by what requests name them by. */
  readonly #sites = new Cache<PageKey>(MAX_SITE_BYTES, ({ length }) => length)

  constructor(rules: VisitRules) {
    this.#rules = rules
  }

  /** Replaces the rules, for all visits from now on. */
  follow(rules: VisitRules): void {
    this.#rules = rules
    this.#known.clear()
    this.#sites.clear()
  }

  /**
   * The page that a request is about.
   * @throws Refusal, see `identifyPage`
   */
  identify(url: unknown, referer: string | undefined): KnownPage {
    const address = url === undefined || url === '' ? referer : url
    const known = typeof address === 'string' ? this.#known.get(address) : undefined
    if (known) return known
    const page = identifyPage(url, referer, this.#rules.pages)
    const fresh = {
      page: copyText(page),
      cookie: copyText(cookieName(page)),
      untracked: this.#rules.isUntracked(page),
    }
    // Queries and credentials are not part of a page, and are not remembered. A fragment is one if a rule keeps it.
    const plain = page.includes('/%23') ? String(address).replace('#', '') : String(address)
    if (!/[?#]|^([^/]*\/{2,})?[^/]*@/.test(plain)) this.#known.set(String(address), fresh)
    return fresh
  }

  /**
   * The key of the counter of the host in `site`; null if that is missing or empty.
   * @throws Refusal, see `identifySite`
   */
  identifySite(site: unknown): PageKey | null {
    if (site === undefined || site === '') return null
    const known = typeof site === 'string' ? this.#sites.get(site) : undefined
    if (known) return known
    const fresh = copyText(identifySite(site, this.#rules.pages)) as PageKey
    this.#sites.set(String(site), fresh)
    return fresh
  }

  /**
   * What a request that counts nothing is about: the host in `site`, or else a page.
   * @throws Refusal
   */
  identifySubject({ site, url }: Query, referer: string | undefined): Subject {
    const key = this.identifySite(site)
    if (key !== null) return { key, name: hostOfSite(key) as string, page: null }
    const { page } = this.identify(url, referer)
    return { key: page, name: page, page }
  }

  /**
   * Reads a visit: its page, and what decides whether it counts.
   * @param counts whether the route counts visits
   * @throws Refusal, see `identifyPage`
   */
  read(request: FastifyRequest, query: Query, counts: boolean): RequestedVisit {
    const { headers } = request
    const site = this.identifySite(query.site)
    // Nothing else needs the page.
    if (!counts && site !== null) return { ...READING, page: site, site, cookie: '' }
    const { page, cookie, untracked } = this.identify(query.url, headers.referer)
    if (!counts || isReadOnly(request)) return { ...READING, page, site, cookie }
    const { readAgent, recognises } = this.#rules
    const agent = readAgent(headers['user-agent'])
    const reserved = headers['sec-gpc'] === '1' || headers.dnt === '1'
    return {
      page,
      site,
      cookie,
      readOnly: false,
      excluded: untracked ? 'page' : this.#exclusionOf(request, agent),
      bot: agent.bot,
      tokens: readTokens(headers.cookie, cookie),
      reserved,
      visitor:
        recognises && !reserved && !agent.proxy
          ? {
              address: request.ip,
              agent: headers['user-agent'] ?? '',
              site: URL.parse((headers.referer ?? '').slice(0, MAX_SITE))?.host ?? '',
            }
          : null,
    }
  }

  #exclusionOf(request: FastifyRequest, agent: Agent): Exclusion | null {
    const { excluded } = this.#rules
    if (excluded.size > 0 && excluded.has(request.ip)) return 'address'
    if (agent.untracked) return 'agent'
    return hasOwnMark(request.headers.cookie) ? 'browser' : null
  }
}

/** Whether a request must not count: HEAD, and pages that a browser fetches before anybody has opened them. */
function isReadOnly({ method, headers }: FastifyRequest): boolean {
  return (
    method === 'HEAD' ||
    isPrefetch(headers['sec-purpose']) ||
    isPrefetch(headers.purpose) ||
    isPrefetch(headers['x-purpose']) ||
    isPrefetch(headers['x-moz'])
  )
}

function isPrefetch(purpose: string | string[] | undefined): boolean {
  return purpose !== undefined && /\b(prefetch|prerender|preview)\b/i.test(String(purpose))
}

/** The values of a page's window cookies that have the form of a token. */
function readTokens(header: string | undefined, name: string): readonly Token[] {
  if (header === undefined) return NO_TOKENS
  const tokens = cookieValues(header, name).flatMap((value) => parseToken(value) ?? [])
  return tokens.length > MAX_TOKENS ? tokens.slice(0, MAX_TOKENS) : tokens
}

/**
 * A writer of window cookies: their attributes are worked out once.
 * @param windowMs how long a window lasts
 */
export function windowCookies(app: FastifyInstance, windowMs: number) {
  const maxAge = windowMs / 1000
  const attributes = (more: object) =>
    app.serializeCookie('n', '', { path: '/', httpOnly: true, maxAge, ...more }).slice('n='.length)
  // On pages of other sites, browsers send only the first kind of cookie. They accept it only over HTTPS or from localhost.
  const secure = attributes({ sameSite: 'none', secure: true, partitioned: true })
  const plain = attributes({ sameSite: 'lax' })

  /** The value of Set-Cookie. */
  return (request: FastifyRequest, name: string, token: Token): string =>
    `${name}=${formatToken(token)}${keepsSecureCookies(request) ? secure : plain}`
}
