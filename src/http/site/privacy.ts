import type { Settings } from '../../../config.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../time.ts'
import { escapeHtml, fill } from './html.ts'

/** `/privacy`: says which data this instance keeps of a visit, by its settings. */
export function privacyPage(html: string, settings: Settings): string {
  const { http, database, pages, visits, history, admin } = settings
  const { windowMs, limit, pageLimit, fingerprint } = visits
  const { keepHistoryDays, keepHoursDays, activeMs } = history
  const holds = {
    query: pages.keepQuery.length > 0,
    window: windowMs > 0,
    nowindow: windowMs === 0,
    history: keepHistoryDays > 0,
    ever: keepHistoryDays === 0,
    // History that is removed before its hours would become days is never rolled up.
    hours: keepHoursDays > 0 && (keepHistoryDays === 0 || keepHoursDays < keepHistoryDays),
    limit: limit > 0,
    pagelimit: pageLimit > 0,
    fingerprint,
    admin: admin.isOn,
    public: settings.statistics === 'public',
    private: settings.statistics === 'private',
    live: http.liveLimit > 0,
    rate: http.rateLimit > 0 || http.rateLimitNotFound > 0,
  }
  const nothing = !holds.limit && !holds.pagelimit && !holds.fingerprint && !holds.rate
  const parts = Object.entries({ ...holds, nothing }).flatMap(([name, is]) => (is ? [name] : []))
  return fill(html, new Set(parts), {
    ...(database.url === undefined ? IN_FILE : IN_POSTGRES),
    query: pages.keepQuery.map(escapeHtml).join(', '),
    window: duration(windowMs),
    history: plural(keepHistoryDays, 'day'),
    hours: plural(keepHoursDays, 'day'),
    active: duration(activeMs),
    limit: plural(limit, 'live visit'),
    pagelimit: plural(pageLimit, 'live visit'),
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

const UNITS: [name: string, ms: number][] = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', 1000],
]

/** Writes a time in words, in the largest unit that gives a whole number. */
export function duration(ms: number): string {
  const [name, size] = UNITS.find(([, unit]) => ms % unit === 0) ?? ['second', 1000]
  return plural(ms / size, name)
}

function plural(number: number, name: string): string {
  return `${number.toLocaleString('en')} ${name}${number === 1 ? '' : 's'}`
}
