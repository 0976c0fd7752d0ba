import type { FastifyInstance } from 'fastify'
import type { LiveOutcome, LoggedVisit } from '../../live.ts'
import type { Ranked } from '../../store.ts'
import { MINUTE_MS } from '../../time.ts'
import type { RouteParts } from '../app.ts'
import { describe, objectOf, TEXT, WHOLE } from '../openapi.ts'
import { escapeHtml, fill } from './html.ts'
import { asWritten, figure } from './written.ts'

/** Pages in the list, and visits in the feed. */
const PAGES = 20
const VISITS = 12
/** For how long the numbers are cached, in ms; and while visits are told, which change them. */
const CACHE_MS = 1000
const MOVING_MS = 250
/** The service spends at most one part in this many of its time on reading them. */
const SHARE = 50

const ALL = { pages: new Set<never>(), hosts: new Set<never>() }

/** What the feed says of visits that did not count. */
const NOT_COUNTED: Record<Exclude<LiveOutcome, 'counted'>, string> = {
  repeat: 'again',
  bot: 'a robot',
  excluded: 'excluded',
  limited: 'over the limit',
}

const PAGE = objectOf({ page: TEXT, title: TEXT, active: WHOLE })
const VISIT = objectOf({
  ...{ page: TEXT, title: TEXT, count: WHOLE },
  outcome: { enum: ['counted', ...Object.keys(NOT_COUNTED)] },
  time: { ...TEXT, format: 'date-time' },
})
const NOW = objectOf({
  active: WHOLE,
  minutes: { ...WHOLE, minimum: 1 },
  pages: { type: 'array', items: PAGE },
  visits: { type: 'array', items: VISIT },
})

interface Now {
  active: number
  pages: Ranked[]
}

type ActiveParts = Pick<RouteParts, 'settings' | 'store' | 'watcher' | 'feed' | 'now'>

/** Reads the active visits, and caches them. */
export class ActiveVisits {
  readonly #parts: ActiveParts
  #cached: { at: number; lastVisit: number; tookMs: number; now: Promise<Now> } | null = null

  constructor(parts: ActiveParts) {
    this.#parts = parts
    parts.watcher.on('rules', () => this.forget())
    parts.watcher.on('pages', () => this.forget())
  }

  read(): Promise<Now> {
    const at = this.#parts.now()
    const lastVisit = this.#parts.feed.events.lastId
    if (this.#cached !== null) {
      const { at: readAt, lastVisit: visit, tookMs, now } = this.#cached
      const lasts = Math.max(visit === lastVisit ? CACHE_MS : MOVING_MS, SHARE * tookMs)
      if (Math.abs(at - readAt) < lasts) return now
    }
    const latest = { at, lastVisit, tookMs: 0, now: this.#read(at) }
    this.#cached = latest
    latest.now.then(
      () => {
        latest.tookMs = this.#parts.now() - at
      },
      // A failed read is not cached; the next request tries again.
      () => this.forget(),
    )
    return latest.now
  }

  /** Has the next request read them again, because pages or lists have changed. */
  forget(): void {
    this.#cached = null
  }

  async #read(now: number): Promise<Now> {
    const { store, settings, watcher } = this.#parts
    const { ignore } = settings.top
    const [active, pages] = await Promise.all([
      store.replica.active(null, now),
      store.replica.activePages({ pages: PAGES, rules: watcher.book.served, ignore }, now),
    ])
    return { active, pages }
  }
}

/** `/now`: how many visits are active, on which pages, and the last ones as they come. A script keeps it up to date. */
export function nowRoutes(app: FastifyInstance, html: string, parts: RouteParts): void {
  const { settings, feed, active, statistics } = parts
  const minutes = settings.history.activeMs / MINUTE_MS
  const lastVisits = () => feed.events.since(0, ALL, VISITS).reverse()

  app.get('/now', async (request, reply) => {
    await statistics.check(request, null)
    const { active: visits, pages } = await active.read()
    const last = lastVisits()
    const shown = new Set([pages.length > 0 ? 'somebody' : '', last.length > 0 ? 'visits' : ''])
    const page = fill(html, shown, {
      active: figure(visits),
      minutes: minutes === 1 ? 'minute' : `${figure(minutes)} minutes`,
      pages: pages.map((row) => pageRow(row, pages)).join('\n          '),
      visits: last.map(visitRow).join('\n          '),
    })
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', statistics.caching)
      .send(page)
  })

  const openapi = describe(
    'Statistics',
    'Active visits, the pages that have most, and the last visits that listeners of /live were told of',
    {},
    NOW,
  )
  app.get('/now.json', { config: { openapi } }, async (request, reply) => {
    await statistics.check(request, null)
    const { active: visits, pages } = await active.read()
    return reply.header('cache-control', statistics.caching).send({
      active: visits,
      minutes,
      pages: pages.map(({ name, hits }) => ({ page: name, title: asWritten(name), active: hits })),
      visits: lastVisits().map(({ page, count, outcome, at }) => ({
        ...{ page, title: asWritten(page), count, outcome, time: new Date(at).toISOString() },
      })),
    })
  })
}

/** Rows of the page. public/assets/now.js writes the same. */
function pageRow({ name, hits }: Ranked, [first]: readonly Ranked[]): string {
  const bar = `<progress max="${first?.hits}" value="${hits}" aria-hidden="true"></progress>`
  return `<li>${numbersLink(name)}<b>${figure(hits)}</b>${bar}</li>`
}

function visitRow({ page, count, outcome, at }: LoggedVisit): string {
  const time = new Date(at).toISOString()
  const what = outcome === 'counted' ? '' : `<i>${NOT_COUNTED[outcome]}</i>`
  const when = `<time datetime="${time}">${time.slice(11, 19)}</time>`
  return `<li>${when}${numbersLink(page)}<b>${figure(count)}</b>${what}</li>`
}

/** A link to the numbers of a page. */
function numbersLink(page: string): string {
  const address = `page?url=${encodeURIComponent(page)}`
  return `<a href="${address}" title="${escapeHtml(page)}">${escapeHtml(asWritten(page))}</a>`
}
