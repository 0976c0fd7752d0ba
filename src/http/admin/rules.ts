import type { FastifyRequest } from 'fastify'
import type { Deed, Rule, RuleKind } from '../../admin.ts'
import { type ChangedPages, KnownPages, type MergedPages } from '../../known-pages.ts'
import { pageRewriter } from '../../page-rules.ts'
import { Refusal } from '../../refusal.ts'
import { checkRules, type NewRule } from '../../rule-check.ts'
import { type Trial, tryRules } from '../../rule-trial.ts'
import type { Entry } from '../../rules.ts'
import { hourOf, writeTime } from '../../time.ts'
import { ANY_OBJECT, objectOf, TEXT } from '../openapi.ts'
import { figure } from '../site/written.ts'
import { badRequest } from '../validate.ts'
import type { Api } from './api.ts'
import { type FormHandler, type Submission, Unconfirmed } from './form.ts'
import { checkForm } from './form-fields.ts'
import type { AdminParts } from './parts.ts'
import * as schemas from './schemas.ts'
import { LIST_KINDS } from './view/list-kinds.ts'

/** How often new rules are checked if other services change the rules all the time. */
const MAX_TRIES = 5
/** Spikes that are listed if the query names no limit. */
const SPIKES = 20

/** A rule as a program names it. What is left out gets its default. */
type NamedRule = Pick<NewRule, 'kind' | 'pattern'> & Partial<NewRule>

interface WantedRules {
  rules: readonly NamedRule[]
  /** Whether the operator has read what has to be confirmed. */
  confirm?: boolean
  /** Whether known pages that page rules make another page are merged into it. */
  merge?: boolean
}

/** The routes of lists and page rules, of "try it", and of spikes. */
export function rulesApi(api: Api, parts: AdminParts): void {
  const { settings, store, watcher, now } = parts
  const { admin } = store
  const rules = schemas.listOf('Rule')

  const list = objectOf({
    version: schemas.INTEGER,
    rules,
    settings: { type: 'array', items: objectOf({ kind: TEXT, pattern: TEXT, setting: TEXT }) },
  })
  const about = 'Rules that operators have added, and the lists of the settings'
  api.read('/rules', about, {}, list, async () => {
    const entries = Object.values(watcher.book.entries).flat()
    const ofSettings = entries.filter(({ setting }) => setting !== null)
    return {
      ...(await admin.rules(now())),
      settings: ofSettings.map(({ kind, pattern, setting }) => ({ kind, pattern, setting })),
    }
  })

  const added = objectOf({ rules, merged: { type: ['object', 'null'] } })
  api.change<WantedRules>(
    '/rules',
    'Adds rules: all of them, or none',
    schemas.NEW_RULES,
    added,
    ({ input, deed, request }) => addRules(parts, request, input, deed),
  )
  api.change<{ ids: number[] }>(
    '/rules/remove',
    'Removes rules: all of them, or none',
    schemas.REMOVED_RULES,
    objectOf({}),
    ({ input: { ids }, deed }) => removeRules(parts, ids, deed),
  )
  api.change<{ rules: NamedRule[] }>(
    '/rules/try',
    'Which known pages would become which by page rules; nothing is changed',
    schemas.TRIED_RULES,
    ANY_OBJECT,
    ({ input, request }) => tryPageRules(parts, request, input.rules),
  )
  api.change<{ ids: number[]; confirm?: boolean }>(
    '/rules/merge',
    'Merges known pages into those that they are by page rules; without confirm, says which',
    schemas.MERGED_RULES,
    ANY_OBJECT,
    async ({ input: { ids, confirm }, deed }) => {
      const known = knownBy(parts, ids)
      return confirm ? known.merge(deed) : known.find()
    },
  )

  api.read<Trial>(
    '/try',
    'What would become of a visit, and which entry decides',
    schemas.TRY_QUERY,
    ANY_OBJECT,
    async ({ input }) => tryRules(watcher.book, settings.visits.bots, input),
  )
  api.read<{ hour?: string; limit?: string }>(
    '/spikes',
    'The pages that grew most in an hour, against their own past',
    schemas.SPIKES_QUERY,
    objectOf({ hour: schemas.INTEGER, spikes: { type: 'array', items: ANY_OBJECT } }),
    async ({ input }) => {
      const hour = Number(input.hour ?? hourOf(now()))
      return { hour, spikes: await admin.spikes(hour, Number(input.limit ?? SPIKES)) }
    },
  )
}

/** `rules`: adds an entry to a list, removes entries, or merges the known pages of page rules. */
export const ruleForm: FormHandler = async (submission) => {
  const { fields, request, parts, deed } = submission
  const form = { ids: fields.getAll('id').map(Number) }
  switch (fields.get('action')) {
    case 'add':
      return addByForm(submission)
    case 'remove': {
      const { ids } = checkForm<typeof form>(request, schemas.REMOVED_RULES, form)
      const [entry, ...more] = entriesOf(parts, ids)
      await removeRules(parts, ids, deed)
      const said = entry && more.length === 0 ? `${entry.pattern} is off the list.` : ''
      return { notice: 'remove-rule', count: ids.length, said }
    }
    case 'merge': {
      const { ids } = checkForm<typeof form>(request, schemas.MERGED_RULES, form)
      const known = fields.has('confirm') ? null : await knownBy(parts, ids).find()
      if (known !== null && known.changed > 0) {
        const rules = entriesOf(parts, ids).map(ruleInWords).join('; ')
        const question = `Merge the known pages of ${rules}? Numbers and histories add up. This cannot be undone.`
        throw new Unconfirmed(question, known)
      }
      const merged = await knownBy(parts, ids).merge(deed)
      return { notice: 'merge-known', count: merged.merged, said: mergedInWords(merged) }
    }
    default:
      throw badRequest('The form must have the action add, remove or merge.')
  }
}

/** Adds a rule. It is asked again if it has to be confirmed, and if a page rule makes known pages others. */
async function addByForm({ fields, request, parts, deed }: Submission) {
  const field = (name: string) => fields.get(name)?.trim() ?? ''
  const rule = {
    kind: field('kind'),
    pattern: field('pattern'),
    replacement: field('becomes'),
    endsAt: readEnd(field('ends')),
  }
  const [confirm, merge] = [fields.has('confirm'), fields.has('merge')]
  const form = { rules: [rule], confirm, merge }
  const wanted = checkForm<WantedRules>(request, schemas.NEW_RULES, form)
  if (rule.kind === 'page-rule' && !confirm) {
    const known = await tryPageRules(parts, request, wanted.rules)
    if (known.changed > 0) throw new Unconfirmed(`Add ${ruleInWords(rule)}?`, known)
  }
  const { merged } = await addRules(parts, request, wanted, deed)
  const { pattern, endsAt } = rule
  const until = endsAt === null ? '' : ` until ${writeTime(endsAt)}`
  if (merged !== null) {
    const said = merged.left > 0 ? `The rule is added. ${mergedInWords(merged)}` : ''
    return { notice: 'add-and-merge' as const, count: merged.merged, said }
  }
  const said =
    rule.kind === 'ban'
      ? `${pattern} is banned${until}.`
      : `${pattern} is on the list “${LIST_KINDS[rule.kind as RuleKind].title}”${until}.`
  return { notice: 'add-rule' as const, said }
}

/** Such as `the page rule “a/*”, which becomes “b/*”`. */
function ruleInWords({ pattern, replacement }: Pick<Rule, 'pattern' | 'replacement'>): string {
  const becomes = replacement === '' ? '' : ` (they become “${replacement}”)`
  return `the page rule “${pattern}”${becomes}`
}

/** How many known pages were merged, and why others were not. */
function mergedInWords({ merged, left, problems: [first] }: MergedPages): string {
  const done = `${figure(merged)} known ${merged === 1 ? 'page is' : 'pages are'} merged.`
  if (first === undefined) return done
  return `${done} ${figure(left)} could not be merged, such as ${first.page}: ${first.problem}`
}

/** When an entry ends, in UTC: a date, or a date and a time; null for never. @throws Refusal */
function readEnd(text: string): number | null {
  if (text === '') return null
  const [, day, time = 'T00:00'] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d)?$/.exec(text) ?? []
  const at = Date.parse(`${day}${time}Z`)
  // JavaScript reads February 31 as March 3.
  if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(text)) {
    throw badRequest(
      'An end is a date such as 2026-12-31, or with a time in UTC: 2026-12-31T12:00.',
    )
  }
  return at
}

/**
 * Adds rules, which hold on this service when it resolves, and on all others within two seconds.
 * @throws Refusal `bad_rule`, or `changed` if the rules are changed all the time; `Unconfirmed` if they have to be confirmed
 */
async function addRules(
  parts: AdminParts,
  request: FastifyRequest,
  { rules: named, confirm, merge }: WantedRules,
  deed: Deed,
): Promise<{ rules: Rule[]; merged: MergedPages | null }> {
  const added = await parts.addingRules(() => addChecked(parts, request, named, deed, confirm))
  await parts.watcher.look()
  const ids = added.filter(({ kind }) => kind === 'page-rule').map(({ id }) => id)
  const merged = merge && ids.length > 0 ? await knownBy(parts, ids).merge(deed) : null
  return { rules: added, merged }
}

/** Adds rules that were checked together with exactly those beside which they hold. */
async function addChecked(
  parts: AdminParts,
  request: FastifyRequest,
  named: readonly NamedRule[],
  deed: Deed,
  confirm = false,
): Promise<Rule[]> {
  for (let tries = 1; ; tries++) {
    const { rules, questions, version } = await checked(parts, request, named)
    if (questions.length > 0 && !confirm) throw new Unconfirmed(questions.join(' '))
    try {
      const added = rules.map((rule) => ({ ...rule, ...deed }))
      return await parts.store.admin.addRules(added, version)
    } catch (error) {
      const again = error instanceof Refusal && error.code === 'changed' && tries < MAX_TRIES
      if (!again) throw error
    }
  }
}

/**
 * New rules with their defaults, what has to be confirmed of them, and the version of the rules with which they were checked.
 * @throws Refusal `bad_rule`
 */
async function checked(
  { store, watcher, now }: AdminParts,
  { ip, socket }: FastifyRequest,
  named: readonly NamedRule[],
): Promise<{ rules: NewRule[]; questions: string[]; version: number }> {
  const added = named.map((rule) => ({ replacement: '', endsAt: null, ...rule }))
  const { version, rules } = await store.admin.rules(now())
  // Without a proxy that TRUST_PROXY names, both addresses are the same.
  const addresses = { address: ip, proxy: socket.remoteAddress }
  const context = { settings: watcher.settings, rules, ...addresses, now: now() }
  return { rules: added, questions: await checkRules(added, context), version }
}

/** @throws Refusal `no_such_entry` */
async function removeRules(
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
async function tryPageRules(
  parts: AdminParts,
  request: FastifyRequest,
  named: readonly NamedRule[],
): Promise<ChangedPages> {
  const { rules } = await checked(parts, request, named)
  const { book, settings } = parts.watcher
  const fresh = rules.filter(({ kind }) => kind === 'page-rule')
  const all = [...book.entries['page-rule'], ...fresh]
  const rewriter = await pageRewriter(all, settings.keepQuery)
  return new KnownPages(parts.store.admin, rewriter, fresh).find()
}

/** The entries of the lists with these ids; unknown ids are left out. */
function entriesOf({ watcher }: AdminParts, ids: readonly number[]): Entry[] {
  const all = Object.values(watcher.book.entries).flat()
  return all.filter(({ rule }) => rule !== null && ids.includes(rule.id))
}

/** The known pages that these page rules, which hold already, make others. @throws Refusal `no_such_entry` */
function knownBy({ store, watcher }: AdminParts, ids: readonly number[]): KnownPages {
  const { entries, pages } = watcher.book
  const meant = ids.map((id) => {
    const entry = entries['page-rule'].find(({ rule }) => rule?.id === id)
    if (entry) return entry
    throw new Refusal('no_such_entry', 'no such entry', `There is no page rule ${id}.`)
  })
  return new KnownPages(store.admin, pages.rewriter, meant)
}
