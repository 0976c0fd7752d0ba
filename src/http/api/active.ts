import Type from 'typebox'
import { MINUTE_MS } from '../../time.ts'
import { resource } from './resource.ts'
import { exactly, Page, Whole } from './types.ts'

/** Visits that count as present, in all and by page. */
export const active = resource({
  summary: 'Active visits, and the pages that have most of them',
  about: 'everything',
  query: exactly({}),
  answer: Type.Object({
    active: Whole('Active visits to all pages'),
    minutes: Whole('For how many minutes a counted visit is active'),
    pages: Type.Array(Type.Object({ page: Page, active: Whole('Active visits to this page') })),
  }),
  example: '',
  read: async ({ parts }) => {
    const { active, pages } = await parts.active.read()
    return {
      active,
      minutes: parts.settings.history.activeMs / MINUTE_MS,
      pages: pages.map(({ name, hits }) => ({ page: name, active: hits })),
    }
  },
})
