import Type from 'typebox'
import { resource } from './resource.ts'
import { exactly, Host, Page, Whole } from './types.ts'

/** The lists of the home page. */
export const top = resource({
  summary: 'The hosts and pages with the most hits, as on the home page',
  about: 'everything',
  query: exactly({}),
  answer: Type.Object({
    hosts: Type.Array(Type.Object({ host: Host, hits: Whole("Hits of the host's pages") })),
    pages: Type.Array(Type.Object({ page: Page, hits: Whole('Hits in all') })),
  }),
  example: '',
  read: async ({ parts }) => {
    const { hosts, pages } = await parts.lists.read()
    return {
      hosts: hosts.map(({ name, hits }) => ({ host: name, hits })),
      pages: pages.map(({ name, hits }) => ({ page: name, hits })),
    }
  },
})
