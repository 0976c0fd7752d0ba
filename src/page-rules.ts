import type { Rule } from './admin.ts'
import { expandBraces, Glob, normalizeParts } from './glob.ts'
import { hostOf, normalizePage, type PageKey } from './page.ts'
import { inSlices } from './slices.ts'

/** What a page rule does to a page that its pattern matches. */
export type PageRule = Pick<Rule, 'pattern' | 'replacement'>

/** The replacement that turns a page into lower case. */
const LOWER_CASE = 'lower case'
/** Whether a replacement is that one, with small letters or capitals. */
export const isLowerCase = (replacement: string) => replacement.trim().toLowerCase() === LOWER_CASE
/** Changes of one page. Rules that have not come to an end by then change in a circle, or let the page grow for ever. */
const MAX_STEPS = 20
/** Rules that match a page and are tried on it, also those that leave it as it is. Each may take some 0.3 ms on a long page. */
const MAX_MATCHES = 400
/** Stars of one pattern. */
const MAX_STARS = 10

/** A page rule, or one of its alternatives, ready to be used. */
export interface Compiled<Source> {
  /** The rule's place in the list. */
  order: number
  rule: Source
  glob: Glob
  /** Whether it says that fragments are kept. */
  keepsFragments: boolean
  /** What a page becomes, from the texts of the stars; null if that is no page, or the rule only keeps fragments. */
  become: (page: PageKey, stars: readonly string[]) => PageKey | null
}

export interface Step<Source> {
  rule: Source
  page: PageKey
}

/** What becomes of a page. */
export interface Rewritten<Source> {
  page: PageKey
  /** The rules that changed it, each with what the page was afterwards. */
  steps: Step<Source>[]
  /** Whether the rules came to an end. If not, `page` is the page as it was. */
  ended: boolean
}

/**
 * Page rules, which say what is one page though its address differs. They are tried one after the other, each on what the ones
 * before it have made of the page, and then again from the first until nothing changes. So what becomes of a page becomes
 * itself. A page that the rules would change for ever stays as it is.
 */
export class PageRewriter<Source extends PageRule = PageRule> {
  readonly #keepQuery: readonly string[]
  /** By what is certain of the pages that they match: the page itself, its host with a slash, or nothing. */
  readonly #rules: ReadonlyMap<string, Compiled<Source>[]>
  readonly #keepsFragments: boolean

  constructor(rules: readonly Compiled<Source>[], keepQuery: readonly string[]) {
    this.#keepQuery = keepQuery
    this.#rules = Map.groupBy(rules, ({ glob }) => placeOf(glob))
    this.#keepsFragments = rules.some(({ keepsFragments }) => keepsFragments)
  }

  /** The page of an address, as `normalizePage` reads it, and what the rules make of it. @throws Refusal `bad_page` */
  read(address: string): PageKey {
    return this.rewrite(this.readAddress(address)).page
  }

  /** The page of an address before it is rewritten: with its fragment, if a rule keeps that. @throws Refusal `bad_page` */
  readAddress(address: string): PageKey {
    return this.#withFragment(address) ?? normalizePage(address, this.#keepQuery)
  }

  rewrite(page: PageKey): Rewritten<Source> {
    const steps: Step<Source>[] = []
    let present = page
    let from = 0
    const matches = { left: MAX_MATCHES }
    while (steps.length < MAX_STEPS && matches.left > 0) {
      const step = this.#next(present, from, matches)
      if (step === null && from === 0 && matches.left > 0) {
        return { page: present, steps, ended: true }
      }
      from = step === null ? 0 : step.order + 1
      if (step === null) continue
      present = step.page
      steps.push({ rule: step.rule, page: present })
    }
    return { page, steps, ended: false }
  }

  /** All rules, in lists of those that may have to be tried one after the other for a page. */
  get alike(): Compiled<Source>[][] {
    return [...this.#rules.values()]
  }

  /**
   * The first rule, from a place in the list on, that changes a page.
   * @param matches how many more rules may match; it is counted down
   */
  #next(
    page: PageKey,
    from: number,
    matches: { left: number },
  ): (Step<Source> & { order: number }) | null {
    for (const { order, rule, glob, become } of this.#candidates(page)) {
      if (order < from) continue
      const stars = glob.match(page)
      if (stars === null) continue
      if (matches.left === 0) return null
      matches.left -= 1
      const changed = become(page, stars)
      if (changed !== null && changed !== page) return { order, rule, page: changed }
    }
    return null
  }

  #candidates(page: PageKey): Compiled<Source>[] {
    const places = [page, `${hostOf(page)}/`, '']
    const rules = places.flatMap((place) => this.#rules.get(place) ?? [])
    return rules.sort((a, b) => a.order - b.order)
  }

  /** The page with its fragment; null if it has none, or no rule keeps it. */
  #withFragment(address: string): PageKey | null {
    if (!this.#keepsFragments || !/#|%23/.test(address)) return null
    try {
      const page = normalizePage(address, this.#keepQuery, 'keep')
      const kept = this.#candidates(page).some(
        ({ keepsFragments, glob }) => keepsFragments && glob.match(page) !== null,
      )
      return kept ? page : null
    } catch {
      // What is no page with its fragment may be one without it.
      return null
    }
  }
}

/** Where the rules for a page are looked up that a pattern may match. */
function placeOf({ start, parts }: Glob): string {
  if (parts.length === 1) return start
  return start.includes('/') ? start.slice(0, start.indexOf('/') + 1) : ''
}

/** Compiles page rules, in slices: thousands take a second. Rejects with an Error as `compilePageRule` does. */
export async function pageRewriter<Source extends PageRule>(
  rules: readonly Source[],
  keepQuery: readonly string[],
): Promise<PageRewriter<Source>> {
  const compiled: Compiled<Source>[] = []
  for await (const [order, rule] of inSlices(rules.entries())) {
    compiled.push(...compilePageRule(rule, keepQuery, order))
  }
  return new PageRewriter(compiled, keepQuery)
}

/**
 * A page rule, once for each of its alternatives. Its notation:
 * - `*` in the pattern stands for any text. In the replacement, each `*` is the text of the star at the same place, and `{2}` is
 *   the text of the second one.
 * - `{en,de}` in the pattern stands for one of these texts.
 * - `#` in the pattern keeps the fragments of the pages that it matches. Then the replacement may be empty.
 * - The replacement `lower case` turns the capitals of a page into small letters.
 * @throws Error that says what is wrong with it
 */
export function compilePageRule<Source extends PageRule>(
  rule: Source,
  keepQuery: readonly string[],
  order = 0,
): Compiled<Source>[] {
  const { pattern, replacement } = rule
  const keepsFragments = pattern.includes('#')
  const stars = pattern.split('*').length - 1
  if (/^\s*\//.test(pattern))
    throw new Error('a page begins with its host; write */a for /a on every host')
  if (pattern.includes('**')) throw new Error('one * already stands for any text; write it once')
  if (stars > MAX_STARS) throw new Error(`it has more than ${MAX_STARS} *`)
  if (pattern.includes('?') && keepQuery.length === 0) {
    throw new Error(
      'a page has no query here, so leave out the ? and what follows; KEEP_QUERY says what is kept',
    )
  }
  const become = replacer(replacement.trim(), stars, keepsFragments, keepQuery)
  return expandBraces(pattern.trim()).map((each) => ({
    ...{ order, rule, keepsFragments, become },
    glob: new Glob(each, keepQuery),
  }))
}

function replacer(
  replacement: string,
  stars: number,
  keepsFragments: boolean,
  keepQuery: readonly string[],
): Compiled<unknown>['become'] {
  if (isLowerCase(replacement)) {
    // A query is left as it is: ids in it often differ in case alone.
    const lowered = (page: PageKey) => page.replace(/^[^?]*/, (address) => address.toLowerCase())
    return (page) => pageOrNull(lowered(page), keepQuery)
  }
  if (replacement === '') {
    if (keepsFragments) return () => null
    throw new Error('say what the page becomes')
  }
  const wanted = starsOf(replacement, stars)
  const parts = partsOf(replacement, keepQuery)
  if (parts.length === 1) return () => parts[0] as PageKey
  return (_page, texts) => {
    const filled = parts.map((part, at) => part + (texts[wanted[at] as number] ?? ''))
    return pageOrNull(filled.join(''), keepQuery)
  }
}

/** The texts between the stars of a replacement. @throws Error if it is not like the address of a page */
export function partsOf(replacement: string, keepQuery: readonly string[]): string[] {
  return normalizeParts(replacement.split(/\*|\{\d+\}/), keepQuery)
}

/** Which star of the pattern each star of a replacement stands for, by their places. */
function starsOf(replacement: string, stars: number): number[] {
  const found = replacement.match(/\*|\{\d+\}/g) ?? []
  const unnumbered = found.filter((star) => star === '*').length
  if (/[{}]/.test(replacement.replace(/\{\d+\}/g, ''))) {
    throw new Error('alternatives in braces belong into the pattern; what it becomes is one page')
  }
  if (unnumbered > 0 && (unnumbered < found.length || unnumbered !== stars)) {
    throw new Error(
      `what it becomes has ${unnumbered} * and the pattern ${stars}; write as many, or none, or say which: {1} is the text of the first`,
    )
  }
  const wanted = found.map((star, at) => (star === '*' ? at : Number(star.slice(1, -1)) - 1))
  const missing = wanted.find((star) => star < 0 || star >= stars)
  if (missing !== undefined)
    throw new Error(`there is no {${missing + 1}}: the pattern has ${stars} *`)
  return wanted
}

function pageOrNull(text: string, keepQuery: readonly string[]): PageKey | null {
  try {
    return normalizePage(text, keepQuery)
  } catch {
    return null
  }
}
