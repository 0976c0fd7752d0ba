import { PRESETS } from '../../badge/examples.ts'
import { STYLES } from '../../badge/options/options.ts'
import type { AppParts } from '../app.ts'

/** All that the tag builder has to know of this instance: /instance.json, and a part of the home page. */
export function describeInstance({ settings: { http, pages, visits }, badges }: AppParts) {
  return {
    publicUrl: http.publicUrl ?? null,
    windowSeconds: visits.windowMs / 1000,
    keepQuery: pages.keepQuery,
    ownBadge: badges.own,
    badge: { label: badges.label, color: badges.color, style: 'flat' },
    styles: STYLES,
    presets: PRESETS,
    options: Object.entries(badges.schema).map(([name, { group, field, wanted, examples }]) => ({
      name,
      group,
      field,
      wanted,
      examples,
    })),
  }
}
