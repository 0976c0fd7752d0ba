import type { AuditEntry, RuleKind } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { HOUR_MS, writeHour } from '../../../time.ts'
import { escapeHtml, fill } from '../../site/html.ts'
import { figure, hitsOf } from '../../site/written.ts'
import { pageOf } from '../parts.ts'
import type { Context, View } from './frame.ts'
import { type Clock, isolated, pageLink, withQuery } from './html.ts'
import { LIST_KINDS } from './list-kinds.ts'

/** Entries that are shown at a time. */
const LIMIT = 50
/** Characters of a value that are shown. */
const MAX_SHOWN = 300

/** What was and what is, by name. */
type Values = Readonly<Record<string, unknown>>

/** An entry in words, as HTML. @param page the entry's page @param write writes the key of another page */
type Sentence = (
  was: Values,
  is: Values,
  page: string,
  write: (key: unknown) => string,
  clock: Clock,
) => string

/** Actions that are missing are written as they are, with their values. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  set: ({ hits }, is, page) =>
    hits === undefined
      ? `${page}Number set to ${number(is.hits)}`
      : `${page}Number set from ${number(hits)} to ${number(is.hits)}`,
  add: (was, is, page) =>
    `${page}Number changed from ${number(was.hits ?? 0)} to ${number(is.hits)}`,
  reset: (was, _, page) => `${page}Began again at 0, from ${number(was.hits)}`,
  rename: (was, is, _, write) =>
    `${write(was.page)} renamed to ${write(is.page)}${is.alias === true ? '; the old address leads to it' : ''}`,
  remove: (was, _, page) => `${page}Removed, with ${hits(was.hits)}`,
  restore: (_, is, page) => `${page}Restored, with ${hits(is.hits)}`,
  purge: (was, _, page) => `${page}Purged, with ${hits(was.hits)}`,
  'take-back': (was, is, page) =>
    `${page}Hits of ${hour(is.hour)} taken back: number from ${number(was.hits)} to ${number(is.hits)}`,
  'sign-in': (_, is) => `${session(is)} signed in`,
  'end-session': (was) => `${session(was)} ended`,
  'add-link': () => 'Link to sign in made',
  'add-rule': (_, is, __, ___, clock) => rule('added', is, clock),
  'remove-rule': (was, _, __, ___, clock) => rule('removed', was, clock),
  'add-key': (_, is) => `${key(is)} made`,
  'revoke-key': (was) => `${key(was)} revoked`,
}

const number = (value: unknown) => (typeof value === 'number' ? figure(value) : text(value))
const hits = (value: unknown) => (typeof value === 'number' ? hitsOf(value) : text(value))
const hour = (name: unknown) => escapeHtml(writeHour(Date.parse(String(name)) / HOUR_MS))
const session = ({ session, browser }: Values) => `Session ${text(session)} (${text(browser)})`
const key = ({ id, name, prefix }: Values) => `Key ${text(id)} “${text(name)}” for ${text(prefix)}`

/** What was done with an entry of a list, such as `Page rule 6 added: a/* becomes a`. */
function rule(
  done: string,
  { id, kind, pattern, replacement, endsAt }: Values,
  clock: Clock,
): string {
  const one = LIST_KINDS[kind as RuleKind]?.one ?? text(kind)
  const becomes = replacement ? ` becomes <code>${text(replacement)}</code>` : ''
  const ends = typeof endsAt === 'number' ? `, until ${clock.minute(endsAt)}` : ''
  return `${one} ${text(id)} ${done}: <code>${text(pattern)}</code>${becomes}${ends}`
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
    part: escapeHtml(page ?? ''),
    entries: entriesHtml(context, entries, page),
    next: escapeHtml(withQuery('audit', { page: page ?? '', before: String(next) })),
  })
  return { title: 'Audit', main }
}

/** Entries as a list. @param of the page that all of them are about; null if each names its own */
export function entriesHtml(
  { clock }: Context,
  entries: readonly AuditEntry[],
  of: PageKey | null,
): string {
  const items = entries.map((entry) => {
    const { at, actor, reason } = entry
    const why = reason === '' ? '' : `<p class="reason">${isolated(reason)}</p>`
    return `<li>
              <p class="what">${sentenceOf(entry, of, clock)}</p>
              ${why}
              <p class="hint">${clock.minute(at)} by ${isolated(actor)}</p>
            </li>`
  })
  return `<ol class="entries">${items.join('')}</ol>`
}

function sentenceOf(
  { action, page, before, after }: AuditEntry,
  of: PageKey | null,
  clock: Clock,
): string {
  const [was, is] = [valuesOf(before), valuesOf(after)]
  const write = (key: unknown) => (key === of ? 'this page' : pageLink(String(key)))
  const where = page === null || page === of ? '' : `${pageLink(page)}: `
  if (action === 'merge') {
    const [from, into] = [write(page), write(is.page)]
    return `${from} merged into ${into}: ${hits(was.hits)}, ${number(is.hits)} together`
  }
  if (action === 'unalias') return `Old address ${write(page)} of ${write(was.page)} given up`
  const sentence = SENTENCES[action]?.(was, is, where, write, clock)
  return sentence ?? `${where}${text(action)} ${text([was, is].map(writeValues).join(' '))}`
}

/** The fields of a JSON object. Any other value is one field. */
function valuesOf(value: unknown): Values {
  if (value === null || value === undefined) return {}
  return typeof value === 'object' && !Array.isArray(value) ? { ...value } : { value }
}

const writeValues = (values: Values) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(', ')

/** A value that a stranger may have chosen. */
function text(value: unknown): string {
  const written = String(value ?? '')
  return isolated(written.length > MAX_SHOWN ? `${written.slice(0, MAX_SHOWN)}…` : written)
}
