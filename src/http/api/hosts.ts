import Type from 'typebox'
import { resource } from './resource.ts'
import { exactly, Host, isoTime, LIMIT, LIST_END, LIST_QUERY, shownOf, Whole } from './types.ts'

export const hosts = resource({
  summary: 'Hosts, those with the most hits first',
  about: 'everything',
  query: exactly(LIST_QUERY),
  answer: Type.Object({
    hosts: Type.Array(
      Type.Object({
        host: Host,
        hits: Whole("Hits of the host's pages"),
        pages: Whole('Pages of the host'),
      }),
    ),
    ...LIST_END,
  }),
  example: 'part=example&limit=10',
  read: async ({ query, parts, request }) => {
    const { part = '', after = '', limit = LIMIT } = query
    const { hosts, next, at } = await parts.listReader.hosts(request, {
      part,
      after,
      limit,
      ...shownOf(parts),
    })
    return {
      hosts: hosts.map(({ name, hits, pages }) => ({ host: name, hits, pages })),
      next,
      at: isoTime(at),
    }
  },
})
