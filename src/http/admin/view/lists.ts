import { RULE_KINDS, type RuleKind } from '../../../admin.ts'
import type { Entry } from '../../../rules.ts'
import { escapeHtml, fill } from '../../site/html.ts'
import { figure } from '../../site/written.ts'
import { chosenForm, type Field, formHtml, REASON } from './form.ts'
import type { Context, View } from './frame.ts'
import {
  type Columns,
  checkbox,
  choiceLink,
  codeHtml,
  deedHtml,
  isolated,
  table,
  withQuery,
} from './html.ts'
import { LIST_KINDS } from './list-kinds.ts'
import { trialValues } from './trial.ts'

/** Entries that are shown at a time. */
const LIMIT = 100

/** An entry, and why it does not hold; null if it does. */
type Listed = Entry & { fault: string | null }

/** `/admin/lists`: what is banned, does not count, or is another page. One list at a time. */
export async function listsView(context: Context): Promise<View> {
  const { parts, query } = context
  const kind = RULE_KINDS.find((each) => each === query.kind) ?? 'ban'
  const { title, about } = LIST_KINDS[kind]
  const part = query.part ?? ''
  const entries = entriesOf(parts, kind)
  const found = entries.filter(({ pattern, replacement }) =>
    `${pattern} ${replacement}`.toLowerCase().includes(part.toLowerCase()),
  )
  const from = /^\d{1,6}$/.test(query.from ?? '') ? Number(query.from) : 0
  const rows = found.slice(from, from + LIMIT)
  const shown = new Set([rows.length > 0 ? 'some' : part === '' ? 'none' : 'nothing'])
  if (entries.length > LIMIT || part !== '') shown.add('search')
  if (found.length > from + LIMIT) shown.add('next')
  const links = RULE_KINDS.map((each) =>
    choiceLink(
      withQuery('lists', { kind: each }),
      `${LIST_KINDS[each].title} <span class="count">${figure(entriesOf(parts, each).length)}</span>`,
      each === kind,
    ),
  )
  const main = fill(parts.templates.lists, shown, {
    kinds: links.join(''),
    kind,
    title,
    about,
    part: escapeHtml(part),
    add: addForm(context, kind),
    ...trialValues(context),
    form: entriesForm(context, kind, rows),
    next: escapeHtml(withQuery('lists', { kind, part, from: String(from + LIMIT) })),
  })
  return { title: `${title}: lists`, main }
}

/** All entries of a list, first those that do not hold. */
function entriesOf({ watcher }: Context['parts'], kind: RuleKind): Listed[] {
  const invalid = watcher.invalid.filter(({ rule }) => rule.kind === kind)
  return [
    ...invalid.map(({ rule, why }) => {
      const { pattern, replacement } = rule
      return { kind, pattern, replacement, setting: null, rule, fault: why }
    }),
    ...watcher.book.entries[kind].map((entry) => ({ ...entry, fault: null })),
  ]
}

function addForm(context: Context, kind: RuleKind): string {
  const { label, example, hint } = LIST_KINDS[kind]
  const pattern: Field = {
    ...{ name: 'pattern', label, kind: 'address', isRequired: true, isWide: true },
    placeholder: `e.g. ${example}`,
    ...(hint !== undefined && { hint }),
  }
  const becomes: Field = {
    ...{ name: 'becomes', label: 'What they become', kind: 'address', isWide: true },
    placeholder: 'e.g. example.com/item',
    hint: '<code>lower case</code> turns capitals into small letters.',
  }
  const ends: Field = {
    ...{ name: 'ends', label: 'First day without it (UTC)', kind: 'date' },
    hint: 'Empty: it holds until it is removed.',
  }
  return formHtml(context, {
    to: 'rules',
    id: 'rule',
    hidden: { action: 'add', kind },
    fields: [pattern, ...(kind === 'page-rule' ? [becomes] : []), REASON, ends],
    button: 'Add it',
    isPrimary: true,
  })
}

/** The entries of a list, with what can be done to those that are chosen. Those of config.ts cannot be chosen. */
function entriesForm(context: Context, kind: RuleKind, entries: readonly Listed[]): string {
  const isPageRule = kind === 'page-rule'
  const columns: Columns = {
    ...{ Choose: 'check', Entry: 'row' },
    ...(isPageRule && { Becomes: 'text' }),
    ...{ Added: 'text', Ends: 'number' },
  }
  const ids = Object.values(context.parts.watcher.book.entries).flat()
  // The newest entry is marked after it was added.
  const newest = Math.max(...ids.map(({ rule }) => rule?.id ?? 0))
  const fresh = context.query.done?.startsWith('add-') ? newest : null
  const lines = entries.map((entry) => entryRow(context, entry, entry.rule?.id === fresh))
  const rows = table(LIST_KINDS[kind].title, columns, lines)
  if (entries.every(({ rule }) => rule === null)) return rows
  return chosenForm(context, { to: 'rules', id: 'entries', rows }, [
    ['remove', 'Remove'],
    ...(isPageRule ? ([['merge', 'Merge known pages']] as const) : []),
  ])
}

function entryRow({ clock }: Context, entry: Listed, isNew: boolean): string[] {
  const { kind, pattern, replacement, setting, rule, fault } = entry
  const becomes =
    replacement === '' ? '<span class="hint">fragments are kept</span>' : codeHtml(replacement)
  return [
    rule === null ? '' : checkbox('id', String(rule.id), pattern),
    codeHtml(pattern) +
      (isNew ? ' <b class="mark">new</b>' : '') +
      (fault === null ? '' : faultHtml(fault)),
    ...(kind === 'page-rule' ? [becomes] : []),
    rule === null ? `in config.ts: <code>${setting}</code>` : deedHtml(clock, rule),
    rule === null || rule.endsAt === null ? 'never' : clock.minute(rule.endsAt),
  ]
}

function faultHtml(fault: string): string {
  return ` <span class="reason wrong">It does not hold: ${isolated(fault)}</span>`
}
