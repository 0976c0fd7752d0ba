import Type from 'typebox'
import { readSeries, UNITS } from '../../series.ts'
import { byOutcome } from '../../tallies.ts'
import type { Subject } from '../visit.ts'
import { resource } from './resource.ts'
import {
  ABOUT,
  aboutOf,
  exactly,
  isoTimeOrNull,
  OrNull,
  SUBJECT_QUERY,
  TALLIES,
  Time,
  TZ,
  Zone,
} from './types.ts'

const moment = (description: string) =>
  Type.Optional(
    Type.String({
      maxLength: 64,
      description,
      examples: ['2026-01-10', '2026-01', '2026-01-15T11:00Z'],
    }),
  )
const range = (description: string) =>
  OrNull(Type.Object({ from: Type.String(), to: Type.String() }, { description }))

export const series = resource({
  summary: 'Visits of a page or host over time, by hour, day or month',
  about: 'subject',
  query: exactly({
    ...SUBJECT_QUERY,
    unit: Type.Optional(
      Type.Enum([...UNITS], { type: 'string', description: 'What a point is; else `day`' }),
    ),
    from: moment('A day, month or time in the first point; else 48 hours, 30 days or 12 months'),
    to: moment('The same of the last point; else now'),
    tz: TZ,
  }),
  answer: Type.Object({
    ...ABOUT,
    unit: Type.Enum([...UNITS], { type: 'string' }),
    timeZone: Zone,
    points: Type.Array(
      Type.Object({
        name: Type.String({
          description: 'Such as `2026-11`, `2026-11-20` or `2026-11-20T05:00+01:00`',
        }),
        ...TALLIES,
      }),
      { description: 'Oldest first, at most 1,000. Time of which nothing is kept has no points' },
    ),
    keptFrom: Time('Since when numbers by this unit are kept; null for ever'),
    earlier: range('`from` and `to` of as many points before; null if nothing is kept'),
    later: range('The same of the points after; null if the last point is the present'),
  }),
  example: 'url=example.com/a&unit=day&from=2026-01-01',
  read: async ({ query, subject, parts, now }) => {
    const { store, settings } = parts
    const { key } = subject as Subject
    const { unit, timeZone, points, keptFrom, earlier, later } = readSeries(
      query,
      settings.history,
      now,
    )
    const tallies = await store.replica.history(
      key,
      points.map(({ span }) => span),
    )
    return {
      ...aboutOf(subject as Subject),
      ...{ unit, timeZone },
      points: points.map(({ name }, at) => ({ name, ...byOutcome(tallies[at]) })),
      ...{ keptFrom: isoTimeOrNull(keptFrom), earlier, later },
    }
  },
})
