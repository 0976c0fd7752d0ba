import { normalizePage, type PageKey } from './page.ts'

/** Patterns that one pattern with alternatives may stand for. */
const MAX_ALTERNATIVES = 100
/** Stands for a `*` while a pattern is brought into a page's normal form: letters that stay as they are in a host and a path. */
const STAR = 'xqzstarzqx'

/**
 * A pattern of page keys in which `*` stands for any text, also for none. Within a host's name, as in `*.example.com`, that text
 * has no slash.
 */
export class Glob {
  /** The texts between the stars, one more than there are stars. */
  readonly parts: readonly string[]

  /** @throws Error if the pattern can match no page */
  constructor(pattern: string, keepQuery: readonly string[]) {
    this.parts = normalizeParts(pattern.split('*'), keepQuery)
  }

  /** The text with which every matching page begins. */
  get start(): string {
    return this.parts[0] as string
  }

  /** The page that it matches if each `*` stands for a text. */
  fill(text: string): string {
    return this.parts.join(text)
  }

  /** The texts that the stars stand for, each as short as it can be, from left to right; null if a page does not match. */
  match(page: PageKey): string[] | null {
    const { parts, start } = this
    if (parts.length === 1) return page === start ? [] : null
    const end = parts.at(-1) as string
    const last = page.length - end.length
    if (!page.startsWith(start) || !page.endsWith(end)) return null
    const texts: string[] = []
    let at = start.length
    let isHost = !start.includes('/')
    for (const [place, part] of parts.slice(1).entries()) {
      // The first place is the best one: whatever fits behind a later one fits behind it too.
      const found = place === parts.length - 2 ? last : page.indexOf(part, at)
      if (found < at) return null
      const text = page.slice(at, found)
      // Before a slash and at the end, a star stands for a path too.
      if (isHost && !/^([/?]|$)/.test(part) && text.includes('/')) return null
      texts.push(text)
      at = found + part.length
      isHost &&= !part.includes('/')
    }
    return texts
  }
}

/**
 * Brings the texts between the stars of a pattern into the form of page keys.
 * @throws Error if no page can look like that
 */
export function normalizeParts(parts: readonly string[], keepQuery: readonly string[]): string[] {
  let page: PageKey
  try {
    page = normalizePage(parts.join(STAR), keepQuery, 'keep')
  } catch (cause) {
    const written = parts.join('*')
    throw new Error(`"${written}" is not like the address of a page, such as example.com/page`, {
      cause,
    })
  }
  const normal = page.split(STAR)
  // Letters of other alphabets beside a star would be encoded together with it.
  const isEncoded = normal.slice(0, -1).some((part) => /xn--[^./]*$/.test(part))
  if (isEncoded || normal.length !== parts.length) throw new Error('a * cannot stand there')
  return normal
}

/**
 * The patterns for which one with alternatives stands: `{en,de}/a` for `en/a` and `de/a`.
 * @throws Error for unbalanced or nested braces, and for too many alternatives
 */
export function expandBraces(pattern: string): string[] {
  let patterns = ['']
  for (const [piece] of pattern.matchAll(/\{[^{}]*\}|[^{}]+|[{}]/g)) {
    if (piece === '{' || piece === '}')
      throw new Error('braces stand in pairs, one within none other')
    const choices = piece.startsWith('{') ? piece.slice(1, -1).split(',') : [piece]
    if (patterns.length * choices.length > MAX_ALTERNATIVES) {
      throw new Error(`it stands for more than ${MAX_ALTERNATIVES} patterns`)
    }
    patterns = patterns.flatMap((before) => choices.map((choice) => before + choice.trim()))
  }
  return patterns
}
