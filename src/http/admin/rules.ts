import type { FastifyRequest } from 'fastify'
import type { Deed, Rule } from '../../admin.ts'
import type { ChangedPages, MergedPages } from '../../known-pages.ts'
import { Refusal } from '../../refusal.ts'
import type { NewRule } from '../../rule-check.ts'
import type { AdminParts } from './parts.ts'

/** Rules that an operator wants to add. */
export interface WantedRules {
  rules: readonly NewRule[]
  /** Whether the operator has read what has to be confirmed. */
  confirm: boolean
  /** Whether known pages that page rules make another page are merged into it. */
  merge: boolean
}

/** The refusal of rules that the operator has to confirm. */
export class UnconfirmedRules extends Refusal {
  readonly questions: readonly string[]

  constructor(questions: readonly string[]) {
    super('bad_rule', 'confirm it', `${questions.join(' ')} Send "confirm": true if that is meant.`)
    this.questions = questions
  }
}

/**
 * Adds rules, which hold on this service when it resolves, and on all others within two seconds.
 * @throws Refusal `bad_rule`; `UnconfirmedRules` if they have to be confirmed
 */
export async function addRules(
  parts: AdminParts,
  request: FastifyRequest,
  { rules, confirm, merge }: WantedRules,
  deed: Deed,
): Promise<{ rules: Rule[]; merged: MergedPages | null }> {
  const { store, watcher } = parts
  const questions = await watcher.check(rules, request.ip)
  if (questions.length > 0 && !confirm) throw new UnconfirmedRules(questions)
  const added = await store.admin.addRules(rules.map((rule) => ({ ...rule, ...deed })))
  await watcher.look()
  const ids = added.map(({ id }) => id)
  return { rules: added, merged: merge ? await mergeKnown(parts, ids, deed) : null }
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
  { watcher }: AdminParts,
  request: FastifyRequest,
  rules: readonly NewRule[],
): Promise<ChangedPages> {
  await watcher.check(rules, request.ip)
  const known = await watcher.knownPages(rules.filter(({ kind }) => kind === 'page-rule'))
  return known.find()
}

/** Merges known pages into those that they are by these page rules, which hold already. @throws Refusal `no_such_entry` */
export async function mergeKnown(
  { watcher }: AdminParts,
  ids: readonly number[],
  deed: Deed,
): Promise<MergedPages> {
  const kept = new Set(watcher.book.entries['page-rule'].map(({ rule }) => rule?.id))
  const missing = ids.find((id) => !kept.has(id))
  if (missing !== undefined) {
    const sentence = `There is no page rule ${missing}.`
    throw new Refusal('no_such_entry', 'no such entry', sentence)
  }
  const known = await watcher.knownPages([], ids)
  return known.merge(deed)
}

/** A rule as a program or a form names it: what is left out gets its default. */
export function ruleOf(named: Pick<NewRule, 'kind' | 'pattern'> & Partial<NewRule>): NewRule {
  return { replacement: '', endsAt: null, ...named }
}
