import { type BadgeOptions, readOptions } from '../badge/options.ts'
import { Refusal } from '../refusal.ts'
import type { Query } from './visits.ts'

/**
 * The options of a badge.
 * @throws Refusal `bad_option` where one is wrong
 */
export function checkedOptions(query: Query, defaults: BadgeOptions): BadgeOptions {
  const { options, problem } = readOptions(query, defaults)
  if (problem) throw new Refusal('bad_option', `bad ${problem.option}`, problem.sentence)
  return options
}
