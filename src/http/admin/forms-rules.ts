import { type FormHandler, type Submission, Unconfirmed } from './form.ts'
import { deedOf } from './parts.ts'
import { addRules, mergeKnown, removeRules, tryPageRules, type WantedRules } from './rules.ts'
import { MERGED_RULES, NEW_RULES, REMOVED_RULES } from './schemas.ts'
import { badRequest, check } from './validate.ts'

/**
 * `rules`: adds an entry to a list (`kind`, `pattern`, `becomes`, `ends`, `reason`), removes entries (`id`), or merges the known
 * pages of a page rule (`id`).
 */
export const RULE_FORMS: Record<string, FormHandler> = {
  rules: async (submission) => {
    const { fields, request, parts, operator } = submission
    const action = fields.get('action')
    if (action === 'add') return add(submission)
    if (action !== 'remove' && action !== 'merge') {
      throw badRequest('The form must have the action add, remove or merge.')
    }
    const schema = action === 'remove' ? REMOVED_RULES : MERGED_RULES
    const sent = { ids: fields.getAll('id').map(Number), reason: fields.get('reason') ?? '' }
    const { ids, reason } = check<typeof sent>(request, schema, sent, 'The form')
    const deed = deedOf(parts, operator, reason)
    if (action === 'merge') {
      return { notice: 'merge-known', count: (await mergeKnown(parts, ids, deed)).merged }
    }
    await removeRules(parts, ids, deed)
    return { notice: 'remove-rule', count: ids.length }
  },
}

/** Adds a rule. It is asked again if it has to be confirmed, and if a page rule makes known pages others. */
async function add({ fields, request, parts, operator }: Submission): ReturnType<FormHandler> {
  const field = (name: string) => fields.get(name)?.trim() ?? ''
  const rule = {
    ...{ kind: field('kind'), pattern: field('pattern'), replacement: field('becomes') },
    endsAt: readEnd(field('ends')),
  }
  const form = { rules: [rule], reason: field('reason') }
  const flags = { confirm: fields.has('confirm'), merge: fields.has('merge') }
  const wanted = check<WantedRules>(request, NEW_RULES, { ...form, ...flags }, 'The form')
  if (rule.kind === 'page-rule' && !flags.confirm) {
    const known = await tryPageRules(parts, request, wanted.rules)
    if (known.changed > 0) throw new Unconfirmed('Known pages become others by this rule.', known)
  }
  const { merged } = await addRules(parts, request, wanted, deedOf(parts, operator, form.reason))
  return merged === null
    ? { notice: 'add-rule' }
    : { notice: 'add-and-merge', count: merged.merged }
}

/** When an entry ends, in UTC: a date, or a date and a time; null for never. @throws Refusal */
function readEnd(text: string): number | null {
  if (text === '') return null
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d)?$/.test(text)
  const at = isTime ? Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text}Z`) : Number.NaN
  // JavaScript reads February 31 as March 3.
  if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(text))
    throw badRequest(
      'An end is a date such as 2026-12-31, or with a time in UTC: 2026-12-31T12:00.',
    )
  return at
}
