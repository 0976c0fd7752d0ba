import { setImmediate as nextTurn } from 'node:timers/promises'
import { AddressRanges } from './address.ts'
import { RULE_KINDS, type Rule, type RuleKind } from './admin.ts'
import type { PageKey, PageRules } from './page.ts'
import { type PageRewriter, pageRewriter } from './page-rules.ts'
import { type PageLists, pageFilter, pageMatcher } from './pattern.ts'

/** The kinds of rules that are settings too. */
type ListKind = Exclude<RuleKind, 'page-rule'>

/** The settings that operators can add to while the service runs. */
const SETTING_OF: Readonly<Record<ListKind, string>> = {
  ban: 'BAN_ADDRESSES',
  exclude: 'EXCLUDE_ADDRESSES',
  'untracked-agent': 'UNTRACKED_AGENTS',
  'untracked-page': 'UNTRACKED_PAGES',
  'deny-page': 'DENY_PAGES',
  'allow-page': 'ALLOW_PAGES',
}

/** What the settings say beside the rules. */
export interface RuleSettings {
  lists: Readonly<Record<ListKind, readonly string[]>>
  keepQuery: readonly string[]
}

/** An entry of a list, from a setting or from an operator's rule. */
export interface Entry {
  kind: RuleKind
  pattern: string
  /** What a page becomes by a page rule; empty for the other kinds. */
  replacement: string
  /** The setting that it is from; null for a rule. */
  setting: string | null
  /** Null for an entry of a setting. */
  rule: Rule | null
}

/** The entries of the settings, then the rules, by kind. */
export function entriesOf(
  settings: RuleSettings,
  rules: readonly Rule[],
): Record<RuleKind, Entry[]> {
  const ofSettings = Object.entries(SETTING_OF).flatMap(([kind, setting]) =>
    settings.lists[kind as ListKind].map((pattern) => ({
      ...{ kind: kind as RuleKind, pattern, replacement: '', setting, rule: null },
    })),
  )
  const ofRules = rules.map((rule) => {
    const { kind, pattern, replacement } = rule
    return { kind, pattern, replacement, setting: null, rule }
  })
  const byKind = Object.groupBy<RuleKind, Entry>([...ofSettings, ...ofRules], ({ kind }) => kind)
  return Object.fromEntries(RULE_KINDS.map((kind) => [kind, byKind[kind] ?? []])) as Record<
    RuleKind,
    Entry[]
  >
}

/** All lists that hold at a moment, ready to be asked about addresses, agents and pages. */
export interface Rulebook {
  entries: Readonly<Record<RuleKind, readonly Entry[]>>
  banned: AddressRanges
  excluded: AddressRanges
  untrackedAgents: readonly string[]
  pages: PageRules & { rewriter: PageRewriter<Entry> }
  isUntracked: (page: PageKey) => boolean
  /** The patterns of pages that are served, for the lists of the home page. */
  served: PageLists
}

/**
 * Compiles all lists: 10,000 entries take a tenth of a second, which other work interrupts. Rejects with an Error if an entry is
 * invalid; see `checkRules`.
 */
export async function compileRules(
  settings: RuleSettings,
  rules: readonly Rule[],
): Promise<Rulebook> {
  const { keepQuery } = settings
  const entries = entriesOf(settings, rules)
  const patterns = (kind: RuleKind) => [...new Set(entries[kind].map(({ pattern }) => pattern))]
  const banned = new AddressRanges(patterns('ban'))
  await nextTurn()
  const excluded = new AddressRanges(patterns('exclude'))
  await nextTurn()
  const isUntracked = pageMatcher(patterns('untracked-page'), keepQuery)
  await nextTurn()
  const served = { allow: patterns('allow-page'), deny: patterns('deny-page') }
  const isServed = pageFilter(served)
  const rewriter = await pageRewriter(entries['page-rule'], keepQuery)
  return {
    ...{ entries, banned, excluded, isUntracked, served },
    untrackedAgents: patterns('untracked-agent'),
    pages: { keepQuery, isServed, isHostServed: pageFilter({ ...served, allow: [] }), rewriter },
  }
}
