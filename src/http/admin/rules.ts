import type { FastifyRequest } from 'fastify'
import type { Deed, Rule } from '../../admin.ts'
import { type ChangedPages, KnownPages, type MergedPages } from '../../known-pages.ts'
import { Refusal } from '../../refusal.ts'
import { checkRules, type NewRule } from '../../rule-check.ts'
import { ruleSettings } from '../watcher.ts'
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
  const { admin } = store
  const questions = await checkNew(parts, request, rules, deed.at)
  if (questions.length > 0 && !confirm) throw new UnconfirmedRules(questions)
  const added = await admin.addRules(rules.map((rule) => ({ ...rule, ...deed })))
  await watcher.look()
  const ids = added.map(({ id }) => id)
  return { rules: added, merged: merge ? await mergeKnown(parts, ids, deed) : null }
}

/** @returns what the operator has to confirm. @throws Refusal `bad_rule` */
export async function checkNew(
  { store, settings }: AdminParts,
  request: FastifyRequest,
  rules: readonly NewRule[],
  now: number,
): Promise<string[]> {
  const present = await store.admin.rules(now)
  return checkRules(rules, {
    settings: ruleSettings(settings),
    rules: present.rules,
    address: request.ip,
    now,
  })
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

/** Which known pages would become which, if page rules were added. Resolves after all pages have been read, by slices. */
export async function tryPageRules(
  parts: AdminParts,
  wanted: readonly NewRule[],
): Promise<ChangedPages> {
  const rules = wanted.filter(({ kind }) => kind === 'page-rule')
  const { settings, store, watcher } = parts
  const all = [...watcher.book.entries['page-rule'], ...rules]
  const known = await KnownPages.by(store.admin, all, rules, settings.pages.keepQuery)
  return known.find()
}

/** Merges known pages into those that they are by page rules which hold already. @throws Refusal `no_such_entry` */
export async function mergeKnown(
  { settings, store, watcher }: AdminParts,
  ids: readonly number[],
  deed: Deed,
): Promise<MergedPages> {
  const entries = watcher.book.entries['page-rule']
  const meant = entries.filter(({ rule }) => rule !== null && ids.includes(rule.id))
  const known = await KnownPages.by(store.admin, entries, meant, settings.pages.keepQuery)
  return known.merge(deed)
}

/** A rule as a program or a form names it: what is left out gets its default. */
export function ruleOf(named: Pick<NewRule, 'kind' | 'pattern'> & Partial<NewRule>): NewRule {
  return { replacement: '', endsAt: null, ...named }
}
