import { RULE_KINDS, type RuleKind } from '../../../admin.ts'
import type { Entry } from '../../../rules.ts'
import { escapeHtml, fill } from '../../site/html.ts'
import type { Context } from './context.ts'
import {
  type Field,
  fieldHtml,
  formHtml,
  hiddenFields,
  isRefused,
  REASON,
  wrongHtml,
} from './form.ts'
import type { View } from './frame.ts'
import {
  type Column,
  checkbox,
  choiceLink,
  codeHtml,
  figure,
  isolated,
  table,
  withQuery,
} from './html.ts'
import { LIST_KINDS } from './list-kinds.ts'
import { deedHtml } from './pages.ts'
import { trialHtml } from './trial.ts'

/** Entries that are shown at a time. */
const LIMIT = 100

const COLUMNS: readonly Column[] = [
  { name: 'Choose', kind: 'check' },
  { name: 'Entry', kind: 'row' },
  { name: 'Added' },
  { name: 'Ends', kind: 'number' },
]
const BECOMES: Column = { name: 'Becomes' }

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
    trial: trialHtml(context, kind),
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
  return formHtml(context, {
    to: 'rules',
    id: 'rule',
    hidden: { action: 'add', kind },
    fields: [
      pattern,
      ...(kind === 'page-rule' ? [becomes] : []),
      REASON,
      {
        ...{ name: 'ends', label: 'Ends', kind: 'date' },
        hint: 'When that day begins in UTC. Empty means never.',
      },
    ],
    button: 'Add it',
    isPrimary: true,
  })
}

/** The entries of a list, with what can be done to those that are chosen. Those of config.ts cannot be chosen. */
function entriesForm(context: Context, kind: RuleKind, entries: readonly Listed[]): string {
  const isPageRule = kind === 'page-rule'
  const columns = isPageRule ? COLUMNS.toSpliced(2, 0, BECOMES) : COLUMNS
  const rows = entries.map((entry) => entryRow(context, entry, isPageRule))
  const rules = table(LIST_KINDS[kind].title, columns, rows)
  if (entries.every(({ rule }) => rule === null)) return rules
  const isWrong =
    isRefused(context, { to: 'rules', hidden: {} }) &&
    context.refused?.sent.fields.get('action') !== 'add'
  const reason = isWrong ? (context.refused?.sent.fields.get('reason') ?? '') : ''
  const merge = isPageRule
    ? '<button type="submit" name="action" value="merge">Merge known pages</button>'
    : ''
  return `<form method="post" action="rules" autocomplete="off" class="chosen" id="entries">
          ${hiddenFields(context, {})}
          ${isWrong ? wrongHtml(context, 'entries') : ''}
          ${rules}
          <div class="bar">
            ${fieldHtml('entries', { ...REASON, value: reason })}
            <div class="buttons">
              <button type="submit" name="action" value="remove">Remove</button>${merge}
            </div>
          </div>
        </form>`
}

function entryRow(context: Context, entry: Listed, isPageRule: boolean): string[] {
  const { pattern, replacement, setting, rule, fault } = entry
  const { clock } = context
  const becomes =
    replacement === '' ? '<span class="hint">fragments are kept</span>' : codeHtml(replacement)
  return [
    rule === null ? '' : checkbox('id', String(rule.id), `Choose ${pattern}`),
    codeHtml(pattern) + (fault === null ? '' : faultHtml(fault)),
    ...(isPageRule ? [becomes] : []),
    rule === null ? `in config.ts: <code>${setting}</code>` : deedHtml(context, rule),
    rule === null || rule.endsAt === null ? 'never' : clock.minute(rule.endsAt),
  ]
}

function faultHtml(fault: string): string {
  return ` <span class="reason wrong">It does not hold: ${isolated(fault)}</span>`
}
