import type { Badges } from '../../badge/badge.ts'
import { PRESETS } from '../../badge/examples.ts'
import { STYLES } from '../../badge/options/options.ts'

/** Settings of the instance that pages tell. */
export interface InstanceParts {
  badges: Badges
  windowSeconds: number
  keepQuery: readonly string[]
  publicUrl: string | undefined
}

/** All that the tag builder has to know of this instance: /instance.json, and a part of the home page. */
export function describeInstance({ badges, windowSeconds, keepQuery, publicUrl }: InstanceParts) {
  return {
    publicUrl: publicUrl ?? null,
    windowSeconds,
    keepQuery,
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
