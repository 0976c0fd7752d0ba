import type { Rule, RuleKind } from '../../src/admin.ts'

type Content = [kind: RuleKind, pattern: string, replacement?: string]

const hex = (at: number) => at.toString(16)
const address = (at: number) => `11.${(at >> 8) & 255}.${at & 255}.${(at >> 16) & 255}`

/** Places from which on there is no more regular expression that has to be tried: there may be only some hundred. */
const TRIED = 1000

/** Rules of every kind, each different by its place. None of them is for an ordinary visit. */
const KINDS: ((at: number) => Content)[] = [
  (at) => ['ban', address(at)],
  (at) => ['ban', `2001:db8:${hex(at)}::/48`],
  (at) => ['exclude', `${address(at)}/24`],
  (at) => ['exclude', `2001:db8:ffff:${hex(at)}::1`],
  (at) => ['untracked-agent', `Watcher-${at}/`],
  (at) => ['untracked-page', `sketch${at}.example/drafts`],
  (at) => [
    'untracked-page',
    at < TRIED ? `/^sketch${at}\\.example/tmp-\\d+/` : `tmp${at}.example/a`,
  ],
  (at) => ['deny-page', `^spam${at}\\.example(:\\d+)?([/?]|$)`],
  (at) => ['deny-page', at < TRIED ? `word-${at}.*buy` : `^buy${at}\\.example(/|$)`],
  (at) => ['page-rule', `shop${at}.example/item/*`, `shop${at}.example/item`],
  (at) => ['page-rule', `shop${at}.example/{en,de,fr}/*`, `shop${at}.example/*`],
]

/** So many rules, of all kinds in turn. */
export function manyRules(count: number): Omit<Rule, 'id'>[] {
  return Array.from({ length: count }, (_, at) => {
    const [kind, pattern, replacement = ''] = (KINDS[at % KINDS.length] as (typeof KINDS)[number])(
      at,
    )
    return { kind, pattern, replacement, endsAt: null, actor: 'session 1', reason: '', at: 0 }
  })
}
