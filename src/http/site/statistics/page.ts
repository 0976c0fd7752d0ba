import type { FastifyRequest } from 'fastify'
import { hostOf, normalizePage, type PageKey } from '../../../page.ts'
import { Refusal } from '../../../refusal.ts'
import { visitsIn } from '../../../tallies.ts'
import { MINUTE_MS } from '../../../time.ts'
import { dayAt } from '../../../time-zone.ts'
import { hasSessionCookie } from '../../admin/access.ts'
import type { RouteParts } from '../../app.ts'
import type { Query } from '../../request.ts'
import type { Subject } from '../../visit.ts'
import { baseOf, escapeHtml, fill } from '../html.ts'
import { listHtml } from '../lists.ts'
import { doneByOwner, ownerFold, type RefusedOwner } from '../owner.ts'
import { addressOf, asWritten, figure, linkTo } from '../written.ts'
import { chartHtml } from './chart.ts'
import {
  chartLabel,
  marksHtml,
  outcomesHtml,
  periodsHtml,
  rangesHtml,
  tableHtml,
  unitsHtml,
} from './html.ts'
import { dayName } from './names.ts'
import { readStatistics } from './read.ts'
import { tagsHtml } from './tags.ts'

/** From this number on, the largest one on the page is written smaller, so that it stays on one line. */
const LONG_NUMBER = 1e7
/** Pages of a host that are listed at a time. */
const PAGES = 20

/** What a page of statistics is drawn from. */
export interface Asked {
  /** Whether it is about a page, or a whole host. */
  kind: 'page' | 'site'
  /** The address of the page or host, as the request has it. */
  address: unknown
  /** `unit`, `from`, `to`, `tz`, and for a host `after`. */
  query: Query
  /** What the page's owner did. */
  done?: unknown
  /** The owner's form, if it was refused. */
  refused?: RefusedOwner
}

/** A page of statistics, or the page that says why there is none. */
export async function drawStatistics(
  request: FastifyRequest,
  html: string,
  parts: RouteParts,
  asked: Asked,
): Promise<{ status: number; page: string }> {
  const { kind, refused = null } = asked
  const address = typeof asked.address === 'string' ? asked.address : ''
  const draw = (status: number, shownParts: string[], values: Record<string, string>) => {
    const shown = new Set([`of${kind}`, ...shownParts])
    const done = doneByOwner(asked.done)
    const isOwned = kind === 'page' && ['found', 'gone', 'question'].some((part) => shown.has(part))
    const hasOwner = parts.settings.admin.isOn && isOwned
    if (hasOwner) shown.add('owner')
    if (hasOwner && done !== null) shown.add('done')
    if (hasOwner && hasSessionCookie(request)) shown.add('operator')
    const owner = {
      key: escapeHtml(encodeURIComponent(address)),
      done: done ?? '',
      owner: hasOwner ? ownerFold(address, shown.has('gone') ? 'restore' : 'set', refused) : '',
      asked: escapeHtml(address),
      ...FORMS[kind],
    }
    return { status, page: fill(html, shown, { title: titleOf(kind), ...owner, ...values }) }
  }
  try {
    const subject = subjectOf(parts, asked)
    await parts.statistics.check(request, subject.key)
    const { values, shown } = await readValues(request, parts, subject, asked)
    return draw(200, ['found', ...shown], values)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { status, code, message } = error
    if (code === 'removed') {
      const { name } = subjectOf(parts, asked)
      return draw(status, ['gone'], { page: linkTo(name), gone: escapeHtml(message) })
    }
    const wrong = { wrong: escapeHtml(refused?.refusal.message ?? message) }
    if (code === 'unauthorized' || code === 'forbidden' || code === 'too_many_requests') {
      // The form had the right key, so it can go on although nothing else may be seen.
      if (refused?.question) return draw(status, ['question'], {})
      // Who only opens the page has done nothing wrong yet.
      const isTried = refused !== null || code !== 'unauthorized'
      return draw(status, isTried ? ['locked', 'refused'] : ['locked'], wrong)
    }
    if (status !== 400) throw error
    // A wrong address stays in the field, where it can be corrected.
    if (address === '') return draw(200, ['none', 'lookup'], {})
    // The unit, the range or the zone may be what is wrong.
    const faults = code === 'bad_page' ? ['refused', 'invalid'] : ['refused']
    return draw(400, [...faults, 'lookup'], wrong)
  }
}

/** The form that looks up another address. */
const FORMS = {
  page: { kind: 'page', parameter: 'url', example: 'https://example.com/my-page' },
  site: { kind: 'site', parameter: 'host', example: 'example.com' },
} as const

const titleOf = (kind: Asked['kind']) => (kind === 'page' ? 'A page’s numbers' : 'A site’s numbers')

/** @throws Refusal */
export function subjectOf({ visits }: RouteParts, { kind, address }: Asked): Subject {
  if (kind === 'page') return visits.identifySubject({ url: address }, undefined)
  return visits.identifySubject({ site: address }, undefined)
}

/** The values of the page as HTML, and the parts that are shown. @throws Refusal */
async function readValues(
  request: FastifyRequest,
  parts: RouteParts,
  subject: Subject,
  { kind, query }: Asked,
): Promise<{ values: Record<string, string>; shown: string[] }> {
  const { settings, badges } = parts
  const statistics = await readStatistics(parts, subject, query)
  const { series, rows, seen, count, marks } = statistics
  const hits = rows.map((row) => visitsIn(row, 'counted'))
  const { unit, timeZone } = series
  const named = inQuery(subject.name)
  const zone = query.tz ? `&tz=${timeZone.replaceAll('+', '%2B')}` : ''
  const own = kind === 'page' ? `page?url=${named}` : `site?host=${named}`
  const ofBadge = kind === 'page' ? `url=${named}` : `site=${named}`
  const base = baseOf(request, settings.http.publicUrl)
  const address = own + zone
  const host = kind === 'page' ? hostOf(subject.name as PageKey) : subject.name
  const day = (ms: number | null) => (ms === null ? '' : dayName(dayAt(ms, timeZone)))
  const minutes = settings.history.activeMs / MINUTE_MS
  const [first, last] = [series.points[0]?.name ?? '', series.points.at(-1)?.name ?? '']
  const range = `&from=${encodeURIComponent(first)}&to=${encodeURIComponent(last)}`
  const download = `${own.slice(kind.length)}${zone}&unit=${unit}${range}`
  const listed =
    kind === 'site' ? await pagesHtml(request, parts, subject.name, query, address) : ''
  const values = {
    title: escapeHtml(asWritten(subject.name)),
    page: linkTo(subject.name),
    count: figure(count),
    digits: count >= LONG_NUMBER ? 'many' : 'few',
    periods: periodsHtml(statistics.periods),
    active: figure(statistics.active),
    minutes: minutes === 1 ? 'minute' : `${figure(minutes)} minutes`,
    first: day(seen.first),
    last: day(seen.last),
    unit,
    zone: escapeHtml(timeZone),
    units: unitsHtml(address, series),
    ranges: rangesHtml(address, series, seen.first),
    chart: chartHtml(series, hits, marks),
    chartlabel: escapeHtml(chartLabel(series, hits)),
    table: tableHtml(series, hits),
    marks: marksHtml(marks, timeZone),
    kept: day(series.keptFrom),
    outcomes: outcomesHtml(statistics.outcomes),
    csv: escapeHtml(`${kind}.csv${download}`),
    json: escapeHtml(`${kind}.json${download}`),
    live: escapeHtml(
      `live?${kind === 'page' ? 'url' : 'host'}=${encodeURIComponent(subject.name)}`,
    ),
    host: escapeHtml(asWritten(host)),
    site: escapeHtml(`site?host=${encodeURIComponent(host)}`),
    address: escapeHtml(`${base}/${address}`),
    builder: escapeHtml(`./?url=${named}${kind === 'site' ? '&of=site' : ''}`),
    tags: tagsHtml(
      badges,
      base,
      ofBadge,
      `${base}/${own}`,
      `url=${named}${kind === 'site' ? '&of=site' : ''}`,
    ),
    pages: listed,
  }
  const shown = [
    count === 0 ? 'empty' : '',
    seen.first === null ? '' : 'seen',
    marks.length > 0 ? 'marked' : '',
    series.keptFrom === null ? '' : 'kept',
    kind === 'page' && addressOf(subject.name) !== null ? 'hassite' : '',
    listed === '' ? 'nopages' : 'pages',
  ]
  return { values, shown }
}

/**
 * A page's key as a value of a query: it has no character that would end that, except for those of a query that is kept. Letters
 * beyond ASCII are encoded once, as the tag builder does, where that is the same page.
 */
function inQuery(name: string): string {
  const once = name.replace(/%(?![89A-F])|[&+?#]/g, encodeURIComponent)
  return isPage(once, name) ? once : name.replace(/[&%+?#]/g, encodeURIComponent)
}

/** Whether a value of a query names a page. */
function isPage(value: string, name: string): boolean {
  try {
    return normalizePage(decodeURIComponent(value)) === name
  } catch {
    // Bytes that are no UTF-8.
    return false
  }
}

/** The pages of a host with the most hits, and a link to the next ones. */
async function pagesHtml(
  request: FastifyRequest,
  { listReader, calendar, settings, watcher, now }: RouteParts,
  host: string,
  { after }: Query,
  address: string,
): Promise<string> {
  const { pages, next } = await listReader.pages(request, {
    ...{ part: '', host, sort: 'hits', limit: PAGES, today: calendar.today(now()) },
    after: typeof after === 'string' ? after : '',
    ...{ rules: watcher.book.served, ignore: settings.top.ignore },
  })
  const list = listHtml(pages, 'page')
  const begin = after ? `<a href="${escapeHtml(address)}#pages-title">From the first</a>` : ''
  const end = next
    ? `<a href="${escapeHtml(`${address}&after=${encodeURIComponent(next)}`)}#pages-title" rel="next">More</a>`
    : ''
  return list && `${list}${begin || end ? `<p class="paging">${begin} ${end}</p>` : ''}`
}
