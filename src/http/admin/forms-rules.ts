import type { NewRule } from '../../rule-check.ts'
import { type FormHandler, type Submission, Unconfirmed } from './form.ts'
import { deedOf } from './parts.ts'
import { addRules, mergeKnown, removeRules, tryPageRules, UnconfirmedRules } from './rules.ts'
import { MERGED_RULES, NEW_RULES, REMOVED_RULES } from './schemas.ts'
import { badRequest, check, type Fields } from './validate.ts'

/**
 * `rules`: adds an entry to a list (`kind`, `pattern`, `becomes`, `ends`, `reason`), removes entries (`id`), or merges the known
 * pages of a page rule (`id`).
 */
export const RULE_FORMS: Record<string, FormHandler> = {
  rules: async (submission) => {
    const { fields, request, parts, operator } = submission
    const action = fields.get('action')
    const deed = deedOf(parts, operator, fields.get('reason') ?? '')
    const ids = { ids: fields.getAll('id').map(Number) }
    switch (action) {
      case 'add':
        return add(submission)
      case 'remove':
        check(request, REMOVED_RULES, ids, 'The form')
        await removeRules(parts, ids.ids, deed)
        return { notice: 'remove-rule', count: ids.ids.length }
      case 'merge': {
        check(request, MERGED_RULES, ids, 'The form')
        const { merged } = await mergeKnown(parts, ids.ids, deed)
        return { notice: 'merge-known', count: merged }
      }
      default:
        throw badRequest('The form must have the action add, remove or merge.')
    }
  },
}

/** Adds a rule. It is asked again if it has to be confirmed, and if a page rule makes known pages others. */
async function add({ fields, request, parts, operator }: Submission) {
  const field = (name: string) => fields.get(name)?.trim() ?? ''
  const reason = field('reason')
  const confirm = fields.has('confirm')
  const wanted = {
    rules: [
      {
        ...{ kind: field('kind'), pattern: field('pattern'), replacement: field('becomes') },
        endsAt: readEnd(fields),
      },
    ],
    ...{ reason, confirm, merge: fields.has('merge') },
  }
  const { rules, merge } = check<typeof wanted & { rules: NewRule[] }>(
    request,
    NEW_RULES,
    wanted,
    'The form',
  )
  const isPageRule = rules.some(({ kind }) => kind === 'page-rule')
  const deed = deedOf(parts, operator, reason)
  try {
    if (isPageRule && !confirm) await askOfKnown()
    const { merged } = await addRules(parts, request, { rules, confirm, merge }, deed)
    return merged === null
      ? ({ notice: 'add-rule' } as const)
      : ({ notice: 'add-and-merge', count: merged.merged } as const)
  } catch (error) {
    if (error instanceof UnconfirmedRules) throw new Unconfirmed(error.questions.join(' '))
    throw error
  }

  async function askOfKnown(): Promise<void> {
    const known = await tryPageRules(parts, request, rules)
    if (known.changed > 0) {
      throw new Unconfirmed('Known pages become others by this rule.', known)
    }
  }
}

/** When an entry ends, in UTC: a date, or a date and a time; null for never. @throws Refusal */
function readEnd(fields: Fields): number | null {
  const text = fields.get('ends')?.trim() ?? ''
  if (text === '') return null
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d)?$/.test(text)
  const at = isTime ? Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text}Z`) : Number.NaN
  if (Number.isNaN(at))
    throw badRequest(
      'An end is a date such as 2026-12-31, or with a time in UTC: 2026-12-31T12:00.',
    )
  return at
}
