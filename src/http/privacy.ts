import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config.ts'
import { escapeHtml, fill } from './html.ts'

/** The settings that decide what is kept of a visit. */
export type PrivacySettings = Pick<
  Config,
  | 'ACTIVE_MINUTES'
  | 'DATABASE_URL'
  | 'KEEP_HISTORY_DAYS'
  | 'KEEP_HOURS_DAYS'
  | 'KEEP_QUERY'
  | 'LIMIT_PER_ADDRESS'
  | 'LIMIT_PER_ADDRESS_AND_PAGE'
  | 'RATE_LIMIT'
  | 'RATE_LIMIT_NOT_FOUND'
  | 'WINDOW_SECONDS'
  | 'WITHOUT_COOKIE'
>

/** `/privacy`: what this instance keeps of a visit, as it is set. */
export function privacyRoute(app: FastifyInstance, html: string, settings: PrivacySettings): void {
  const page = privacyPage(html, settings)
  app.get('/privacy', (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page),
  )
}

function privacyPage(html: string, settings: PrivacySettings): string {
  const windows = settings.WINDOW_SECONDS > 0
  const history = settings.KEEP_HISTORY_DAYS
  const hours = settings.KEEP_HOURS_DAYS
  const holds = {
    query: settings.KEEP_QUERY.length > 0,
    window: windows,
    nowindow: !windows,
    history: history > 0,
    ever: history === 0,
    // What is removed sooner is never added up.
    hours: hours > 0 && (history === 0 || hours < history),
    limit: settings.LIMIT_PER_ADDRESS > 0,
    pagelimit: settings.LIMIT_PER_ADDRESS_AND_PAGE > 0,
    fingerprint: settings.WITHOUT_COOKIE === 'fingerprint',
    rate: settings.RATE_LIMIT > 0 || settings.RATE_LIMIT_NOT_FOUND > 0,
  }
  const nothing = !holds.limit && !holds.pagelimit && !holds.fingerprint && !holds.rate
  const parts = Object.entries({ ...holds, nothing }).flatMap(([name, is]) => (is ? [name] : []))
  return fill(html, new Set(parts), {
    ...(settings.DATABASE_URL === undefined ? IN_FILE : IN_POSTGRES),
    query: settings.KEEP_QUERY.map(escapeHtml).join(', '),
    window: duration(settings.WINDOW_SECONDS),
    history: duration(history * DAY),
    hours: duration(hours * DAY),
    active: duration(settings.ACTIVE_MINUTES * MINUTE),
    limit: many(settings.LIMIT_PER_ADDRESS, 'live visit'),
    pagelimit: many(settings.LIMIT_PER_ADDRESS_AND_PAGE, 'live visit'),
  })
}

/** How long the journal keeps the order of visits, and what becomes of a token, in each kind of database. */
const IN_FILE = {
  moment: 'hour',
  rolledup: 'once in some 65,000 visits, and when the counter stops',
  removed: 'removed and overwritten',
}
const IN_POSTGRES = { moment: 'minute', rolledup: 'after some seconds', removed: 'removed' }

const MINUTE = 60
const DAY = 86_400
const UNITS: [name: string, seconds: number][] = [
  ['day', DAY],
  ['hour', 3600],
  ['minute', MINUTE],
  ['second', 1],
]

/** Seconds in words, in the largest unit that they are a whole number of. */
function duration(seconds: number): string {
  const [name, size] = UNITS.find(([, unit]) => seconds % unit === 0) ?? ['second', 1]
  return many(seconds / size, name)
}

function many(number: number, name: string): string {
  return `${number.toLocaleString('en')} ${name}${number === 1 ? '' : 's'}`
}
