import Type from 'typebox'
import { MINUTE_MS, type Span } from '../../time.ts'
import { baseOf } from '../site/html.ts'
import type { Subject } from '../visit.ts'
import { resource } from './resource.ts'
import {
  ABOUT,
  aboutOf,
  exactly,
  isoTimeOrNull,
  OrNull,
  SUBJECT_QUERY,
  Time,
  TZ,
  Whole,
  Zone,
} from './types.ts'

const PERIODS = ['today', '7d', '30d'] as const
const Period = exactly({
  hits: Whole('Hits of this period'),
  before: OrNull(Whole('Hits of as long a time before, for today of yesterday; null if not kept')),
})

export const numbers = resource({
  summary: 'The numbers of a page or host',
  about: 'subject',
  query: exactly({ ...SUBJECT_QUERY, tz: TZ }),
  answer: exactly({
    ...ABOUT,
    hits: Whole('Hits in all'),
    timeZone: Zone,
    periods: exactly({ today: Period, '7d': Period, '30d': Period }),
    firstSeen: Time('When the first visit counted, to the hour or day; null if not known'),
    lastSeen: Time('When the last visit counted, as exactly as it is kept'),
    active: Whole('Active visits'),
    minutes: Whole('For how many minutes a counted visit is active'),
    links: exactly({
      page: Type.String({ description: 'The page for people that shows these numbers' }),
      badge: Type.String({ description: 'The badge that shows the number, and counts nothing' }),
    }),
  }),
  example: 'url=example.com/a',
  read: async ({ query, subject, parts, request, now }) => {
    const { store, calendar, settings } = parts
    const { key, page, name } = subject as Subject
    const { timeZone } = calendar.read({ tz: query.tz }, now)
    const { from: keptFrom } = calendar.ever(now)
    const spans = PERIODS.flatMap((period) => {
      const span = calendar.span(period, timeZone, now) ?? { from: 0, to: 0 }
      return [span, before(span, calendar.span('yesterday', timeZone, now), period)]
    })
    const [[hits = 0, ...sums], seen, active] = await Promise.all([
      store.replica.sums(key, [null, ...spans]),
      store.replica.seen(key),
      store.replica.active(key, now),
    ])
    const [today, week, month] = PERIODS.map((_, at) => ({
      hits: sums[2 * at] as number,
      before: (spans[2 * at + 1] as Span).from < keptFrom ? null : (sums[2 * at + 1] as number),
    })) as [Numbers, Numbers, Numbers]
    const base = baseOf(request, settings.http.publicUrl)
    const address = encodeURIComponent(name)
    return {
      ...aboutOf(subject as Subject),
      ...{ hits, timeZone, periods: { today, '7d': week, '30d': month } },
      firstSeen: isoTimeOrNull(seen.first),
      lastSeen: isoTimeOrNull(seen.last),
      ...{ active, minutes: settings.history.activeMs / MINUTE_MS },
      links: {
        page: page === null ? `${base}/site?host=${address}` : `${base}/page?url=${address}`,
        badge: `${base}/nocount/tag.svg?${page === null ? 'site' : 'url'}=${address}`,
      },
    }
  },
})

interface Numbers {
  hits: number
  before: number | null
}

/** As long a time before a period. The day before today is yesterday, which may have an hour more or less. */
function before({ from, to }: Span, yesterday: Span | null, period: string): Span {
  return period === 'today' && yesterday ? yesterday : { from: from - (to - from), to: from }
}
