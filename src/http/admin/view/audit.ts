import type { AuditEntry } from '../../../admin.ts'
import { escapeHtml, fill } from '../../site/html.ts'
import { asWritten, figure } from '../../site/written.ts'
import { pageOf } from '../parts.ts'
import type { Context, View } from './frame.ts'
import { isolated, pageLink, withQuery } from './html.ts'

/** Entries that are shown at a time. */
const LIMIT = 50
/** Characters of a value that are shown. */
const MAX_SHOWN = 300

/** Actions in words; those that are missing are written as they are. */
const WORDS: Readonly<Record<string, string>> = {
  set: 'Number set',
  add: 'Number changed',
  reset: 'Began again at 0',
  rename: 'Renamed',
  merge: 'Merged into another page',
  unalias: 'Old address given up',
  remove: 'Removed',
  restore: 'Restored',
  purge: 'Purged',
  'take-back': 'Hits of an hour taken back',
  'sign-in': 'Signed in',
  'end-session': 'Session ended',
  'add-link': 'Link to sign in made',
  'add-rule': 'Entry added to a list',
  'remove-rule': 'Entry removed from a list',
  'add-key': 'Key made',
  'revoke-key': 'Key revoked',
}

/** Names of values in words; those that are missing are written as they are. */
const NAMES: Readonly<Record<string, string>> = {
  alias: 'old address kept',
  endsAt: 'ends',
  id: 'number',
  kind: 'list',
  replacement: 'becomes',
}

/** `/admin/audit`: everything that was done, newest first. */
export async function auditView(context: Context): Promise<View> {
  const { parts, query } = context
  const page = query.page ? await pageOf(parts, query.page) : null
  const before = /^\d{1,15}$/.test(query.before ?? '') ? Number(query.before) : null
  const entries = await parts.store.admin.audit({ page, before, limit: LIMIT })
  const next = entries.length < LIMIT ? null : (entries.at(-1)?.id ?? null)
  const shown = new Set([entries.length > 0 ? 'some' : 'none', page === null ? 'all' : 'one'])
  if (next !== null) shown.add('next')
  const main = fill(parts.templates.audit, shown, {
    page: page === null ? '' : pageLink(page),
    entries: entriesHtml(context, entries, page === null),
    next: escapeHtml(withQuery('audit', { page: page ?? '', before: String(next) })),
  })
  return { title: 'Audit', main }
}

/** Entries as a list. @param named whether each names its page */
export function entriesHtml(
  context: Context,
  entries: readonly AuditEntry[],
  named: boolean,
): string {
  const items = entries.map(({ at, actor, action, page, before, after, reason }) => {
    const what = WORDS[action] ?? isolated(action)
    const where = named && page !== null ? ` <span class="key">${pageLink(page)}</span>` : ''
    const values = changeHtml(context, before, after)
    const why = reason === '' ? '' : `<p class="reason">${isolated(reason)}</p>`
    return `<li>
              <p><b>${what}</b>${where}</p>
              ${values === '' ? '' : `<p class="values">${values}</p>`}
              ${why}
              <p class="hint">${context.clock.minute(at)} by ${isolated(actor)}</p>
            </li>`
  })
  return `<ol class="entries">${items.join('')}</ol>`
}

/** What was and what is, such as `hits from 12 to 40`. */
function changeHtml({ clock }: Context, before: unknown, after: unknown): string {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  const names = new Set([...Object.keys(was), ...Object.keys(is)])
  const write = (name: string, value: unknown) =>
    name === 'endsAt' && typeof value === 'number' ? clock.minute(value) : valueHtml(name, value)
  const values = [...names].flatMap((name) => {
    const [from, to] = [write(name, was[name]), write(name, is[name])]
    const shown = from === '' || from === to ? to : to === '' ? from : `from ${from} to ${to}`
    if (shown === '') return []
    return [`<span class="name">${isolated(NAMES[name] ?? name)}</span> ${shown}`]
  })
  return values.join(', ')
}

/** The fields of a JSON object. Any other value is one field. */
function fieldsOf(value: unknown): Record<string, unknown> {
  if (value === null || value === undefined) return {}
  return typeof value === 'object' && !Array.isArray(value) ? { ...value } : { value }
}

function valueHtml(name: string, value: unknown): string {
  if (value === undefined || value === null || value === '') return ''
  if (typeof value === 'number') return name === 'id' ? String(value) : figure(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string' && name === 'page') return isolated(asWritten(value))
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return isolated(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text)
}
