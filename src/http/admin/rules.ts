import type { FastifyRequest } from 'fastify'
import type { Deed, Rule } from '../../admin.ts'
import { type ChangedPages, KnownPages, type MergedPages } from '../../known-pages.ts'
import { pageRewriter } from '../../page-rules.ts'
import { Refusal } from '../../refusal.ts'
import { checkRules, type NewRule } from '../../rule-check.ts'
import { Unconfirmed } from './form.ts'
import type { AdminParts } from './parts.ts'

/** A rule as a program or a form names it. What is left out is empty. */
export type NamedRule = Pick<NewRule, 'kind' | 'pattern'> & Partial<NewRule>

/** Rules that an operator wants to add. */
export interface WantedRules {
  rules: readonly NamedRule[]
  /** Whether the operator has read what has to be confirmed. */
  confirm?: boolean
  /** Whether known pages that page rules make another page are merged into it. */
  merge?: boolean
}

/** How often new rules are checked again because the rules were changed meanwhile. */
const MAX_TRIES = 5

/**
 * Adds rules, which hold on this service when it resolves, and on all others within two seconds.
 * @throws Refusal `bad_rule`, or `changed` if the rules are changed all the time; `Unconfirmed` if they have to be confirmed
 */
export async function addRules(
  parts: AdminParts,
  request: FastifyRequest,
  { rules, confirm, merge }: WantedRules,
  deed: Deed,
): Promise<{ rules: Rule[]; merged: MergedPages | null }> {
  const { watcher } = parts
  const fresh = rules.map(ruleOf)
  const added = await addChecked(parts, request, fresh, deed, confirm)
  await watcher.look()
  const ids = added.filter(({ kind }) => kind === 'page-rule').map(({ id }) => id)
  const merged = merge && ids.length > 0 ? await mergeKnown(parts, ids, deed) : null
  return { rules: added, merged }
}

/** Adds rules that were checked together with exactly those beside which they hold. */
async function addChecked(
  parts: AdminParts,
  request: FastifyRequest,
  fresh: readonly NewRule[],
  deed: Deed,
  confirm = false,
): Promise<Rule[]> {
  const rules = fresh.map((rule) => ({ ...rule, ...deed }))
  for (let tries = 1; ; tries++) {
    const { questions, version } = await check(parts, request, fresh)
    if (questions.length > 0 && !confirm) throw new Unconfirmed(questions.join(' '))
    try {
      return await parts.store.admin.addRules(rules, version)
    } catch (error) {
      const again = error instanceof Refusal && error.code === 'changed' && tries < MAX_TRIES
      if (!again) throw error
    }
  }
}

/** What has to be confirmed of new rules, and the version of the rules with which they were checked. @throws Refusal `bad_rule` */
async function check(
  { store, watcher, now }: AdminParts,
  { ip, socket }: FastifyRequest,
  added: readonly NewRule[],
): Promise<{ questions: string[]; version: number }> {
  const { version, rules } = await store.admin.rules(now())
  // Without a proxy that TRUST_PROXY names, both addresses are the same.
  const addresses = { address: ip, proxy: socket.remoteAddress }
  const context = { settings: watcher.settings, rules, ...addresses, now: now() }
  return { questions: await checkRules(added, context), version }
}

/** @throws Refusal `no_such_entry` */
export async function removeRules(
  { store, watcher }: AdminParts,
  ids: readonly number[],
  deed: Deed,
): Promise<void> {
  await store.admin.removeRules(ids, deed)
  await watcher.look()
}

/**
 * Which known pages would become which by new page rules. Resolves after all pages have been read, by slices.
 * @throws Refusal `bad_rule`
 */
export async function tryPageRules(
  parts: AdminParts,
  request: FastifyRequest,
  rules: readonly NamedRule[],
): Promise<ChangedPages> {
  const added = rules.map(ruleOf)
  await check(parts, request, added)
  const { book, settings } = parts.watcher
  const fresh = added.filter(({ kind }) => kind === 'page-rule')
  const all = [...book.entries['page-rule'], ...fresh]
  const rewriter = await pageRewriter(all, settings.keepQuery)
  return new KnownPages(parts.store.admin, rewriter, fresh).find()
}

/** Merges known pages into those that they are by these page rules, which hold already. @throws Refusal `no_such_entry` */
export async function mergeKnown(
  { store, watcher }: AdminParts,
  ids: readonly number[],
  deed: Deed,
): Promise<MergedPages> {
  const { entries, pages } = watcher.book
  const rules = new Map(entries['page-rule'].map((entry) => [entry.rule?.id, entry]))
  const missing = ids.find((id) => !rules.has(id))
  if (missing !== undefined) {
    const sentence = `There is no page rule ${missing}.`
    throw new Refusal('no_such_entry', 'no such entry', sentence)
  }
  const meant = ids.flatMap((id) => rules.get(id) ?? [])
  return new KnownPages(store.admin, pages.rewriter, meant).merge(deed)
}

function ruleOf(named: NamedRule): NewRule {
  return { replacement: '', endsAt: null, ...named }
}
