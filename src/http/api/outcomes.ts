import Type from 'typebox'
import { byOutcome } from '../../tallies.ts'
import type { Subject } from '../visit.ts'
import { resource } from './resource.ts'
import { ABOUT, aboutOf, exactly, SUBJECT_QUERY, TALLIES, TZ, Zone } from './types.ts'

/** The period if the request names none. */
const PERIOD = '30d'

export const outcomes = resource({
  summary: 'What became of the visits to a page or host: how many counted, and why others did not',
  about: 'subject',
  query: exactly({
    ...SUBJECT_QUERY,
    period: Type.Optional(
      Type.String({
        maxLength: 64,
        description: `Visits of this period; else \`${PERIOD}\``,
        examples: ['today', '24h', '7d', 'last-week', 'month', '2026-01', '2026-01-15', 'total'],
      }),
    ),
    tz: TZ,
  }),
  answer: Type.Object({
    ...ABOUT,
    period: Type.String({ description: 'As it was requested' }),
    timeZone: Zone,
    outcomes: Type.Object(TALLIES),
  }),
  example: 'url=example.com/a&period=7d',
  read: async ({ query, subject, parts, now }) => {
    const { store, calendar } = parts
    const { period, timeZone, span } = calendar.read({ period: PERIOD, ...query }, now)
    const { key } = subject as Subject
    const [tallies = []] = await store.replica.history(key, [span ?? calendar.ever(now)])
    return { ...aboutOf(subject as Subject), period, timeZone, outcomes: byOutcome(tallies) }
  },
})
