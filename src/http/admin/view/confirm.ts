import { escapeHtml } from '../../site/html.ts'
import { figure } from '../../site/written.ts'
import type { Sent, Unconfirmed } from '../form.ts'
import { fieldHtml, REASON } from './form.ts'
import { type Context, framed, hiddenField } from './frame.ts'
import { isolated, pageLink } from './html.ts'

/** Pages that a question names. */
const MAX_NAMED = 20

/** What the button says that does it, by action. */
const BUTTONS: Readonly<Record<string, string>> = {
  reset: 'Begin again at 0',
  merge: 'Merge',
  remove: 'Remove',
  purge: 'Purge for good',
  'take-back': 'Take the hits back',
  add: 'Add it',
}

/** Asks whether a form is meant, with the pages that it would change. */
export function askPage(
  context: Context,
  { form, fields }: Sent,
  { question, known }: Unconfirmed,
): string {
  const pages = fields.getAll('page')
  const all = known?.changed ?? pages.length
  const named = known
    ? known.pages
        .slice(0, MAX_NAMED)
        .map(({ page, becomes }) => `${pageLink(page)} becomes ${isolated(becomes)}`)
    : pages.slice(0, MAX_NAMED).map(pageLink)
  const shown = known ? ['known', 'pages'] : pages.length > 1 ? ['pages'] : []
  if (all > named.length) shown.push('more')
  const kept = [...fields].filter(([name]) => !['csrf', 'reason', 'confirm'].includes(name))
  return framed(context, 'confirm', 'Please confirm', shown, {
    form,
    question: isolated(question),
    hidden: kept.map(([name, value]) => hiddenField(name, value)).join(''),
    csrf: context.csrf ?? '',
    reason: fieldHtml('confirm', { ...REASON, value: fields.get('reason') ?? '' }),
    button: BUTTONS[fields.get('action') ?? ''] ?? 'Yes, do it',
    back: escapeHtml(context.address),
    pages: named.map((html) => `<li class="key">${html}</li>`).join(''),
    more: figure(all - named.length),
    changed: figure(all),
    all: figure(known?.known ?? 0),
  })
}
