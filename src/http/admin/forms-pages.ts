import type { FastifyRequest } from 'fastify'
import type { Change } from '../../admin.ts'
import { type FormHandler, type Submission, Unconfirmed } from './form.ts'
import type { Notice } from './notices.ts'
import { changesOf, deedOf, type NamedChange } from './parts.ts'
import { CHANGES } from './schemas.ts'
import { badRequest, check, type Fields } from './validate.ts'

/** Actions that are asked again, and how. */
const QUESTIONS: {
  readonly [Action in Change['action']]?: (pages: string, fields: Fields) => string
} = {
  reset: (pages) =>
    `Reset ${pages}? The number, the history and the outcomes begin again at 0. This cannot be undone.`,
  merge: (pages, fields) =>
    `Merge ${pages} into ${fields.get('into')}? Their numbers and histories add up. This cannot be undone.`,
  remove: (pages) =>
    `Remove ${pages}? Everybody gets “removed” in place of a number, until you restore from the bin what you remove now.`,
  purge: (pages) => `Purge ${pages}? The number and the history are gone for good.`,
  'take-back': (pages) => `Take back the hits of that hour from ${pages}? This cannot be undone.`,
}

/** A number as people write it, such as `1,234` or `+5`. Any other text stays, and is then refused. */
function whole(text: string): unknown {
  const digits = text.trim().replaceAll(',', '')
  return /^[+-]?\d{1,16}$/.test(digits) ? Number(digits) : text
}

/** The fields of each action besides the page, and how their text becomes a value. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, (text: string) => unknown>>>> = {
  set: { hits: whole },
  add: { hits: whole },
  rename: { to: String, alias: (text) => text !== 'no' },
  merge: { into: String },
  'take-back': { hour: whole },
}

/** `page`: an action on one page. `pages`: one on many. */
export const PAGE_FORMS: Record<string, FormHandler> = { page: change, pages: change }

async function change(submission: Submission) {
  const { fields, operator, parts, request } = submission
  const changes = readChanges(request, fields)
  const { action } = changes[0] as NamedChange
  const question = QUESTIONS[action]
  const made = await changesOf(parts, changes)
  if (question && !fields.has('confirm')) {
    const [only] = made
    const pages =
      made.length === 1 && only ? only.page : `${made.length.toLocaleString('en')} pages`
    throw new Unconfirmed(question(pages, fields))
  }
  const pages = await parts.store.admin.change(
    made,
    deedOf(parts, operator, fields.get('reason') ?? ''),
  )
  // Its old address may be gone, and is then no place to go back to.
  const moved = action === 'rename' || action === 'merge' ? pages[0]?.page : undefined
  return {
    notice: action satisfies Notice,
    count: changes.length,
    ...(moved !== undefined && { to: `page?url=${encodeURIComponent(moved)}` }),
  }
}

/** The form as the object that programs send, checked by the same schema. @throws Refusal */
function readChanges(request: FastifyRequest, fields: Fields): NamedChange[] {
  if (!fields.has('page')) throw badRequest('Choose at least one page.')
  const version = fields.get('version')
  const values = {
    ...readAction(fields),
    ...(version !== null && { ifVersion: whole(version) }),
  }
  const form = {
    changes: fields.getAll('page').map((page) => ({ page, ...values })),
    reason: fields.get('reason') ?? '',
  }
  return check<{ changes: NamedChange[] }>(request, CHANGES, form, 'The form').changes
}

/** The action of a form with its values, not yet checked. A field that is left empty counts as missing. */
export function readAction(fields: Fields): object {
  const action = fields.get('action') ?? ''
  const values = Object.entries(FIELDS[action] ?? {}).flatMap(([name, read]) => {
    const text = fields.get(name)?.trim() ?? ''
    return text === '' ? [] : [[name, read(text)]]
  })
  return { action, ...(action === 'rename' && { alias: false }), ...Object.fromEntries(values) }
}
