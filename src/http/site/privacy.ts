import type { FastifyInstance } from 'fastify'
import type { Config } from '../../../config.ts'
import { escapeHtml, fill } from './html.ts'

/** The settings that decide which data of a visit are kept. */
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

/** `/privacy`: says which data this instance keeps of a visit, by its settings. */
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
    // History that is removed before its hours would become days is never rolled up.
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
    limit: plural(settings.LIMIT_PER_ADDRESS, 'live visit'),
    pagelimit: plural(settings.LIMIT_PER_ADDRESS_AND_PAGE, 'live visit'),
  })
}

/** How each kind of database treats the order of visits and expired tokens, in words for the page. */
const IN_FILE = {
  moment: 'hour',
  rolledup: 'once in some 65,000 visits, and when the counter stops',
  removed: 'removed within seconds, and overwritten on the disk within two minutes',
}
const IN_POSTGRES = {
  moment: 'minute',
  rolledup: 'after some seconds',
  removed: 'removed within seconds',
}

const MINUTE = 60
const DAY = 86_400
const UNITS: [name: string, seconds: number][] = [
  ['day', DAY],
  ['hour', 3600],
  ['minute', MINUTE],
  ['second', 1],
]

/** Writes seconds in words, in the largest unit that gives a whole number. */
function duration(seconds: number): string {
  const [name, size] = UNITS.find(([, unit]) => seconds % unit === 0) ?? ['second', 1]
  return plural(seconds / size, name)
}

function plural(number: number, name: string): string {
  return `${number.toLocaleString('en')} ${name}${number === 1 ? '' : 's'}`
}
