import type { Appearance } from '../badge/appearance.ts'
import type { Badges, Kind } from '../badge/badge.ts'
import { Refusal } from '../refusal.ts'
import type { Query } from './visits.ts'

/**
 * How a badge shall look.
 * @param path the route's
 * @throws Refusal `bad_option` that names the option
 */
export function readAppearance(query: Query, path: string, badges: Badges): Appearance {
  const { appearance, problem } = badges.read(query, kindOf(path))
  if (problem) throw new Refusal('bad_option', `bad ${problem.option}`, problem.sentence)
  return appearance
}

/** What the numbers of a route are of. */
export function kindOf(path: string): Kind {
  return path.startsWith('/active') ? 'active' : 'hits'
}
