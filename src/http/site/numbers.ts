import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../../refusal.ts'
import type { Tally } from '../../store.ts'
import { UNCOUNTED_OUTCOMES } from '../../visit.ts'
import type { RouteParts } from '../app.ts'
import type { Query } from '../request.ts'
import { baseOf, escapeHtml, fill } from './html.ts'
import { asWritten, figure, linkTo } from './written.ts'

const PERIODS = ['today', '7d', '30d'] as const

/** Why visits do not count, in the words of a page. */
const REASONS: Record<Exclude<Tally['outcome'], 'counted'>, string> = {
  repeat: 'A browser came again within the window',
  bot: 'A robot that says so',
  excluded: 'Excluded by the visitor or the operator',
  limited: 'An address had too many visits at once',
}

/** `/page`: a page's own numbers, for people. It works without a script, is read-only, and its address can be shared. */
export function numbersRoute(app: FastifyInstance, html: string, parts: RouteParts): void {
  app.get('/page', async (request, reply) => {
    const { url } = request.query as Query
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache')
    try {
      return reply.send(await numbersPage(request, html, parts))
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 400) throw error
      // A wrong address stays in the field, where it can be corrected.
      const values = { url: escapeHtml(String(url ?? '')), wrong: escapeHtml(error.message) }
      const part = url === undefined || url === '' ? 'none' : 'refused'
      return reply.code(part === 'none' ? 200 : 400).send(fill(html, new Set([part]), values))
    }
  })
}

async function numbersPage(
  request: FastifyRequest,
  html: string,
  parts: RouteParts,
): Promise<string> {
  const { settings, store, visits, calendar, now } = parts
  const { url, tz } = request.query as Query
  const at = now()
  const { page } = visits.identify(url, undefined)
  const { timeZone } = calendar.read({ tz }, at)
  const spans = PERIODS.map((period) => calendar.span(period, timeZone, at))
  const lastDays = spans[2]
  const [{ count }, sums, tallies] = await Promise.all([
    store.replica.readPage(page, null, at),
    store.replica.sums(page, spans),
    lastDays ? store.replica.history(page, [lastDays]) : [[]],
  ])
  const [today = 0, week = 0, month = 0] = sums
  const zone = tz ? `&tz=${timeZone}` : ''
  // A page's key has no character that would end the parameter, except for those of a query that is kept.
  const query = `url=${page.replace(/[&%+?#]/g, encodeURIComponent)}${zone.replaceAll('+', '%2B')}`
  return fill(html, new Set(['found']), {
    url: escapeHtml(asWritten(page)),
    page: linkTo(page),
    count: figure(count),
    today: figure(today),
    week: figure(week),
    month: figure(month),
    zone: escapeHtml(timeZone),
    query: escapeHtml(query),
    address: escapeHtml(`${baseOf(request, settings.http.publicUrl)}/page?${query}`),
    reasons: reasonsHtml(tallies[0] ?? []),
  })
}

function reasonsHtml(tallies: readonly Tally[]): string {
  const rows = UNCOUNTED_OUTCOMES.flatMap((outcome) => {
    const visits = tallies.find((tally) => tally.outcome === outcome)?.visits ?? 0
    if (visits === 0) return []
    return [`<div><dt>${REASONS[outcome]}</dt><dd>${figure(visits)}</dd></div>`]
  })
  if (rows.length === 0) return '<p class="hint">Every visit of the last 30 days counted.</p>'
  return `<dl class="facts figures">${rows.join('')}</dl>`
}
