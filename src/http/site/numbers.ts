import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../../refusal.ts'
import type { Tally } from '../../store.ts'
import { UNCOUNTED_OUTCOMES } from '../../visit.ts'
import { hasSessionCookie } from '../admin/access.ts'
import type { RouteParts } from '../app.ts'
import type { Query } from '../request.ts'
import { baseOf, escapeHtml, fill } from './html.ts'
import { doneByOwner, ownerFold, type RefusedOwner } from './owner.ts'
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
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache')
    const { url, tz, done } = request.query as Query
    const { status, page } = await drawNumbers(request, html, parts, { url, tz, done })
    return reply.code(status).send(page)
  })
}

/** What a page of numbers is drawn from. */
interface Asked {
  url: unknown
  tz?: unknown
  /** What the page's owner did. */
  done?: unknown
  /** The owner's form, if it was refused. */
  refused?: RefusedOwner
}

/** The numbers of the page that is asked for, or why there are none. */
export async function drawNumbers(
  request: FastifyRequest,
  html: string,
  parts: RouteParts,
  asked: Asked,
): Promise<{ status: number; page: string }> {
  const url = typeof asked.url === 'string' ? asked.url : ''
  const draw = (status: number, part: string, values: Record<string, string>) => {
    const shown = new Set([part])
    const done = doneByOwner(asked.done)
    const hasOwner = parts.settings.admin.isOn && (part === 'found' || part === 'gone')
    if (hasOwner) shown.add('owner')
    if (hasOwner && done !== null) shown.add('done')
    if (hasOwner && hasSessionCookie(request)) shown.add('operator')
    const owner = {
      key: escapeHtml(encodeURIComponent(url)),
      done: done ?? '',
      owner: ownerFold(url, part === 'gone' ? 'restore' : 'set', asked.refused ?? null),
    }
    return { status, page: fill(html, shown, { ...owner, ...values }) }
  }
  try {
    return draw(200, 'found', await readNumbers(request, parts, asked))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { status, code, message } = error
    const values = { url: escapeHtml(url) }
    if (code === 'removed') {
      const { page } = parts.visits.identify(url, undefined)
      return draw(status, 'gone', { ...values, page: linkTo(page), gone: escapeHtml(message) })
    }
    if (status !== 400) throw error
    // A wrong address stays in the field, where it can be corrected.
    if (url === '') return draw(200, 'none', values)
    return draw(400, 'refused', { ...values, wrong: escapeHtml(message) })
  }
}

/** The values of the page, as HTML. @throws Refusal */
async function readNumbers(
  request: FastifyRequest,
  parts: RouteParts,
  { url, tz }: Asked,
): Promise<Record<string, string>> {
  const { settings, store, visits, calendar, now } = parts
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
  return {
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
  }
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
