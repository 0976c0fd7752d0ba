import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isInRanges, type Range } from '../address.ts'
import type { Agent, agentReader } from '../agent.ts'
import { Cache, copyText } from '../cache.ts'
import type { Visit } from '../counter.ts'
import { identifyPage, type PageKey, type PageRules } from '../page.ts'
import type { Span } from '../time.ts'
import { cookieName, formatToken, parseToken, type Token } from '../token.ts'
import type { Exclusion } from '../visit.ts'
import { cookieValues, hasOwnMark, keepsSecureCookies } from './cookies.ts'

export interface VisitRules {
  pages: PageRules
  /** Whether a page is shown, but never counted. */
  isUntracked: (page: PageKey) => boolean
  readAgent: ReturnType<typeof agentReader>
  /** Addresses that are not counted. */
  excluded: readonly Range[]
  /** Whether visitors are recognised without a cookie. */
  recognises: boolean
}

export type Query = Readonly<Record<string, unknown>>

/** A page, the name of its window cookie, and whether it is counted at all. */
export interface NamedPage {
  page: PageKey
  cookie: string
  untracked: boolean
}

/** Bytes for pages by what was asked for, some 50,000 of ordinary length; and those of each beside its page. */
const MAX_NAMED_BYTES = 32_000_000
const NAMED_BYTES = 150

export type VisitReader = ReturnType<typeof visitReader>

/** Tells what is known of a visit before it is decided. */
export function visitReader(rules: VisitRules) {
  const { isUntracked, readAgent, excluded, recognises } = rules
  const known = new Cache<NamedPage>(MAX_NAMED_BYTES, ({ page }) => NAMED_BYTES + page.length)

  /** The page that a request is about. What people ask for, they ask for again in the same words. */
  function identify({ url = '' }: Query, referer: string | undefined): NamedPage {
    const asked = url === '' ? referer : url
    const before = typeof asked === 'string' ? known.get(asked) : undefined
    if (before) return before
    const page = identifyPage(url, referer, rules.pages)
    const named = {
      page: copyText(page),
      cookie: copyText(cookieName(page)),
      untracked: isUntracked(page),
    }
    // Queries and credentials are no part of a page, and nothing to remember.
    if (!/[?#]|^([^/]*\/{2,})?[^/]*@/.test(String(asked))) {
      known.set(String(asked), named)
    }
    return named
  }

  function read(
    request: FastifyRequest,
    { page, cookie, untracked }: NamedPage,
    counts: boolean,
    spans: readonly Span[],
    now: number,
  ): Visit {
    const { headers } = request
    if (!counts || onlyAsks(request)) return reading(page, spans, now)
    const agent = readAgent(headers['user-agent'])
    const reserved = headers['sec-gpc'] === '1' || headers.dnt === '1'
    return {
      page,
      readOnly: false,
      excluded: exclusion(request, untracked, agent),
      bot: agent.bot,
      tokens: readTokens(headers.cookie, cookie),
      reserved,
      visitor:
        recognises && !reserved && !agent.proxy
          ? {
              address: request.ip,
              agent: headers['user-agent'] ?? '',
              // No scheme and host are longer; to parse thousands of letters takes some ms.
              site: URL.parse((headers.referer ?? '').slice(0, 300))?.host ?? '',
            }
          : null,
      spans,
      now,
    }
  }

  function exclusion(request: FastifyRequest, untracked: boolean, agent: Agent): Exclusion | null {
    if (untracked) return 'page'
    if (excluded.length > 0 && isInRanges(request.ip, excluded)) return 'address'
    if (agent.untracked) return 'agent'
    return hasOwnMark(request.headers.cookie) ? 'browser' : null
  }

  return { identify, read }
}

const NO_TOKENS: readonly Token[] = []
/** Tokens that are looked up for a visit, one after the other. A browser that holds more was made to. */
const MAX_TOKENS = 4

/** What may be a token, of the cookies of this name. */
function readTokens(header: string | undefined, name: string): readonly Token[] {
  if (header === undefined) return NO_TOKENS
  const tokens = cookieValues(header, name).flatMap((value) => parseToken(value) ?? [])
  return tokens.length > MAX_TOKENS ? tokens.slice(0, MAX_TOKENS) : tokens
}

/** Of a visit that only asks, nothing else is looked at. */
function reading(page: PageKey, spans: readonly Span[], now: number): Visit {
  return {
    page,
    readOnly: true,
    excluded: null,
    bot: false,
    tokens: NO_TOKENS,
    reserved: false,
    visitor: null,
    spans,
    now,
  }
}

/** HEAD, and what a browser fetches before anybody has opened the page. */
function onlyAsks({ method, headers }: FastifyRequest): boolean {
  if (method === 'HEAD') return true
  return [headers['sec-purpose'], headers.purpose, headers['x-purpose'], headers['x-moz']].some(
    (purpose) => purpose !== undefined && /\b(prefetch|prerender|preview)\b/i.test(String(purpose)),
  )
}

/** What Set-Cookie says after an answer that opened a window. All but name and value is the same each time. */
export function windowCookies(app: FastifyInstance, seconds: number) {
  const attributes = (more: object) =>
    app
      .serializeCookie('n', '', { path: '/', httpOnly: true, maxAge: seconds, ...more })
      .slice('n='.length)
  // On a page of another site only the first set comes back, and only over a connection that counts as safe.
  const secure = attributes({ sameSite: 'none', secure: true, partitioned: true })
  const plain = attributes({ sameSite: 'lax' })

  return (request: FastifyRequest, { cookie }: NamedPage, token: Token | null): string | null =>
    token && `${cookie}=${formatToken(token)}${keepsSecureCookies(request) ? secure : plain}`
}
