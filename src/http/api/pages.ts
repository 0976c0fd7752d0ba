import Type from 'typebox'
import { resource } from './resource.ts'
import {
  exactly,
  isoTime,
  isoTimeOrNull,
  LIMIT,
  LIST_END,
  LIST_QUERY,
  Page,
  shownOf,
  Time,
  Whole,
} from './types.ts'

export const pages = resource({
  summary: 'Pages, searched and sorted',
  about: 'host',
  query: exactly({
    host: Type.Optional(
      Type.String({
        maxLength: 2048,
        description: 'Only the pages of this host',
        examples: ['example.com'],
      }),
    ),
    sort: Type.Optional(
      Type.Enum(['hits', 'today', 'recent'], {
        type: 'string',
        description:
          'By hits in all, by hits of today, or by the last visit that counted; else `hits`',
      }),
    ),
    ...LIST_QUERY,
  }),
  answer: Type.Object({
    pages: Type.Array(
      Type.Object({
        page: Page,
        hits: Whole('Hits in all'),
        today: Whole('Hits of today, where the instance is'),
        lastSeen: Time('When the last visit counted; null if that is not known'),
      }),
    ),
    ...LIST_END,
  }),
  example: 'sort=today&limit=10',
  read: async ({ query, subject, parts, request, now }) => {
    const { listReader, calendar } = parts
    const { part = '', sort = 'hits', after = '', limit = LIMIT } = query
    const { pages, next, at } = await listReader.pages(request, {
      ...{ part, host: subject?.name ?? null, sort, after, limit, today: calendar.today(now) },
      ...shownOf(parts),
    })
    return {
      pages: pages.map(({ name, hits, today, lastSeen }) => ({
        ...{ page: name, hits, today },
        lastSeen: isoTimeOrNull(lastSeen),
      })),
      next,
      at: isoTime(at),
    }
  },
})
