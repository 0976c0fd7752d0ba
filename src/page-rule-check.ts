import { expandBraces } from './glob.ts'
import { hostOf, normalizePage, type PageKey } from './page.ts'
import {
  type Compiled,
  compilePageRule,
  isLowerCase,
  PageRewriter,
  type PageRule,
  pageRewriter,
  partsOf,
} from './page-rules.ts'
import { ANY_PAGES } from './pattern.ts'
import { inSlices } from './slices.ts'

/** Patterns of all page rules together, each alternative being one. */
const MAX_GLOBS = 20_000
/** Rules that have to be tried one by one for a page. */
const MAX_ALIKE = 200
/** What the stars of a pattern are tried with. */
const TEXTS = ['x', 'En/Y', 'index.html', '']

/** @throws Error that says what is wrong with a rule */
export function checkPageRule(rule: PageRule, keepQuery: readonly string[]): void {
  const compiled = compilePageRule(rule, keepQuery)
  const samples = compiled.flatMap((each) => samplesOf(each, keepQuery))
  const rewriter = new PageRewriter(compiled, keepQuery)
  if (rule.replacement.trim() === '') return
  checkReplacement(rule.replacement.trim(), keepQuery)
  const everything = ANY_PAGES.map((page) => rewriter.rewrite(page as PageKey).page)
  if (everything.every((page) => page === everything[0])) throw new Error('it makes all pages one')
  if (samples.every((page) => rewriter.rewrite(page).steps.length === 0)) {
    throw new Error('it changes nothing: what it becomes is what it was, or is no page')
  }
}

/**
 * Refuses what becomes a name that no host can have, such as `Small Letters`: it is a page, but hardly the one that is meant.
 * @throws Error
 */
function checkReplacement(replacement: string, keepQuery: readonly string[]): void {
  if (isLowerCase(replacement)) return
  const page = partsOf(replacement, keepQuery).join('x') as PageKey
  if (/^([\w.-]+|\[[\da-f:.]+\])(:\d+)?$/.test(hostOf(page))) return
  throw new Error(
    `\`${replacement}\` is not a page. Write \`lower case\` for small letters, or an address such as example.com/a`,
  )
}

/** Rejects with an Error if the rules cannot be used together. */
export async function checkPageRules(
  rules: readonly PageRule[],
  keepQuery: readonly string[],
): Promise<void> {
  let globs = 0
  for (const { pattern } of rules) {
    globs += expandBraces(pattern).length
    if (globs > MAX_GLOBS) {
      throw new Error(
        `with all their alternatives, page rules may be ${MAX_GLOBS.toLocaleString('en')} patterns in all`,
      )
    }
  }
  const rewriter = await pageRewriter(rules, keepQuery)
  const alike = rewriter.alike.find(({ length }) => length > MAX_ALIKE)
  if (alike) {
    throw new Error(
      `${alike.length} page rules begin alike, as "${alike[0]?.rule.pattern}" does, and would be tried one after the other; ` +
        `at most ${MAX_ALIKE} may`,
    )
  }
  for await (const rule of inSlices(rewriter.alike.flat())) {
    for (const page of samplesOf(rule, keepQuery)) {
      const { ended, steps } = rewriter.rewrite(page)
      if (ended) continue
      const way = steps.slice(0, 3).map((step) => `"${step.page}"`)
      throw new Error(
        `it never comes to an end: "${page}" becomes ${way.join(', then ')}, and so on`,
      )
    }
  }
}

/** Pages that a rule matches. */
function samplesOf({ glob }: Compiled<PageRule>, keepQuery: readonly string[]): PageKey[] {
  return TEXTS.flatMap((text) => {
    try {
      const page = normalizePage(glob.fill(text), keepQuery)
      return glob.match(page) === null ? [] : [page]
    } catch {
      return []
    }
  })
}
