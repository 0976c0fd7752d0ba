import Type from 'typebox'
import { MINUTE_MS } from '../../time.ts'
import { readCompared } from '../compared.ts'
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

const Period = Type.Object({
  hits: Whole('Hits of this period'),
  before: OrNull(
    Whole(
      'Hits of as long a time before, of yesterday by this hour for today; null if that is not kept',
    ),
  ),
})

export const numbers = resource({
  summary: 'The numbers of a page or host',
  about: 'subject',
  query: exactly({ ...SUBJECT_QUERY, tz: TZ }),
  answer: Type.Object({
    ...ABOUT,
    hits: Whole('Hits in all'),
    timeZone: Zone,
    periods: Type.Object({ today: Period, '7d': Period, '30d': Period }),
    firstSeen: Time('When the first visit counted, to the hour or day; null if not known'),
    lastSeen: Time('When the last visit counted, as exactly as it is kept'),
    active: Whole('Active visits'),
    minutes: Whole('For how many minutes a counted visit is active'),
    links: Type.Object({
      page: Type.String({ description: 'The page for people that shows these numbers' }),
      badge: Type.String({ description: 'The badge that shows the number, and counts nothing' }),
    }),
  }),
  example: 'url=example.com/a',
  read: async ({ query, subject, parts, request, now }) => {
    const { store, calendar, settings } = parts
    const { key, page, name } = subject as Subject
    const { timeZone } = calendar.read({ tz: query.tz }, now)
    const [{ count: hits, periods }, seen, active] = await Promise.all([
      readCompared(store.replica, calendar, key, timeZone, now),
      store.replica.seen(key),
      store.replica.active(key, now),
    ])
    const base = baseOf(request, settings.http.publicUrl)
    const address = encodeURIComponent(name)
    return {
      ...aboutOf(subject as Subject),
      ...{ hits, timeZone, periods },
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
