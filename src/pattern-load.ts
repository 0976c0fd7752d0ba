import { RE2JS } from 're2js'
import { groupPatterns } from './pattern.ts'
import { requiredLiterals } from './pattern-literals.ts'
import { inSlices } from './slices.ts'
import { WordMap } from './words.ts'

/**
 * Instructions of RE2 for one pattern, besides those for the text that a page must contain; and for all patterns that may have to
 * be tried on the same page. For each character of a page, RE2 goes through all instructions at worst: 2,000 of them take up to
 * 80 ms for the longest page. An ordinary pattern has 25.
 */
const MAX_SIZE = 200
const MAX_SIZE_TOGETHER = 2000

/** @throws Error for a pattern that would take too long */
export function checkLoad(pattern: string): void {
  if (sizeOf(pattern) - literalOf(pattern) <= MAX_SIZE) return
  throw new Error(
    `"${pattern}" would take too long on every page; write it shorter, with fewer and smaller repetitions`,
  )
}

/** Rejects with an Error if a page would have to be compared to too many of the patterns. */
export async function checkLoadTogether(patterns: readonly string[]): Promise<void> {
  const { groups, others } = groupPatterns(patterns)
  if (!isBelow(others, MAX_SIZE_TOGETHER)) {
    throw new Error(
      `too many patterns of this list, such as "${others[0]}", have no text of three characters that must be in a page; ` +
        'each of them takes time on every page',
    )
  }
  const words = new WordMap(groups.map((group) => [group.literal, group]))
  for await (const { literal } of inSlices(groups)) {
    // A page that contains this text contains those within it too.
    const tried = words.all(literal).flatMap((group) => group.patterns)
    if (!isBelow(tried, MAX_SIZE_TOGETHER)) {
      throw new Error(
        `too many patterns of this list have nothing but "${literal}" in common with the pages that they match; ` +
          'write more of their addresses into them',
      )
    }
  }
}

/** Whether the sizes of patterns add up to no more than this. */
function isBelow(patterns: readonly string[], size: number): boolean {
  // One pattern alone was checked. To find out the size takes some time.
  if (patterns.length < 2) return true
  let sum = 0
  for (const pattern of patterns) {
    sum += sizeOf(pattern)
    if (sum > size) return false
  }
  return true
}

function sizeOf(pattern: string): number {
  return RE2JS.compile(RE2JS.translateRegExp(pattern)).programSize()
}

/** Characters of the text that a page must contain. */
function literalOf(pattern: string): number {
  const literals = (requiredLiterals(pattern) ?? []).flat()
  return literals.reduce((sum, { length }) => sum + length, 0)
}
