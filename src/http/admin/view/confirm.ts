import type { PageKey } from '../../../page.ts'
import { escapeHtml } from '../../site/html.ts'
import { asWritten, figure, hitsOf } from '../../site/written.ts'
import type { Sent, Unconfirmed } from '../form.ts'
import type { Fields } from '../form-fields.ts'
import { todayOf } from '../parts.ts'
import { fieldHtml, REASON } from './form.ts'
import { type Context, framed, hiddenField } from './frame.ts'
import { isolated, pageLink } from './html.ts'

/** Pages that a question names. */
const MAX_NAMED = 20

/** What the button says that does it, by action. */
const BUTTONS: Readonly<Record<string, string>> = {
  reset: 'Begin again at 0',
  merge: 'Merge',
  unalias: 'Give it up',
  remove: 'Remove',
  purge: 'Purge for good',
  'take-back': 'Take the hits back',
  add: 'Add it',
  revoke: 'Revoke',
  end: 'End it',
  'end-all': 'End all',
}

function buttonOf(fields: Fields): string {
  const isBan = fields.get('action') === 'add' && fields.get('kind') === 'ban'
  if (isBan) return fields.get('pattern')?.includes('/') ? 'Ban them' : 'Ban it'
  return BUTTONS[fields.get('action') ?? ''] ?? 'Yes, do it'
}

/** Asks whether a form is meant, with the pages that it would change. */
export async function askPage(
  context: Context,
  { form, fields }: Sent,
  { question, known }: Unconfirmed,
): Promise<string> {
  const pages = fields.getAll('page')
  const all = known?.changed ?? pages.length
  const named = known
    ? await changedHtml(context, known.pages)
    : await namedHtml(context, pages.slice(0, MAX_NAMED))
  const shown = known ? ['known', 'pages'] : pages.length > 1 ? ['pages'] : []
  if (known && form === 'rules' && fields.get('action') === 'add') shown.push('choice')
  if (all > named.items.length) shown.push('more')
  const kept = [...fields].filter(([name]) => !['csrf', 'reason', 'confirm'].includes(name))
  return framed(context, 'confirm', 'Please confirm', shown, {
    form,
    question: isolated(question),
    hidden: kept.map(([name, value]) => hiddenField(name, value)).join(''),
    csrf: context.csrf ?? '',
    reason: fieldHtml('confirm', { ...REASON, value: fields.get('reason') ?? '' }),
    button: buttonOf(fields),
    back: escapeHtml(context.address),
    pages: named.items.map((html) => `<li class="key">${html}</li>`).join(''),
    more: figure(all - named.items.length),
    changed: figure(all),
    all: figure(known?.known ?? 0),
    hits: `${all > named.of ? `The first ${named.of} have` : 'Together they have'} ${hitsOf(named.hits)}.`,
  })
}

/** The lines of a question, and the hits of how many pages. */
interface Named {
  items: string[]
  of: number
  hits: number
}

async function namedHtml(context: Context, pages: readonly string[]): Promise<Named> {
  const hits = await Promise.all(pages.map((page) => readHits(context, page as PageKey)))
  const items = pages.map((page, at) => `${pageLink(page)} (${hitsOf(hits[at] ?? 0)})`)
  return { items, of: items.length, hits: sumOf(hits) }
}

/** Pages that page rules make others, with the hits of both. */
async function changedHtml(
  context: Context,
  changed: readonly { page: PageKey; becomes: PageKey }[],
): Promise<Named> {
  const hits = await Promise.all(changed.map(({ page }) => readHits(context, page)))
  const items = changed.slice(0, MAX_NAMED).map(async ({ page, becomes }, at) => {
    const there = await readHits(context, becomes)
    return `${pageLink(page)} (${hitsOf(hits[at] ?? 0)}) becomes ${isolated(asWritten(becomes))} (${figure(there)})`
  })
  return { items: await Promise.all(items), of: changed.length, hits: sumOf(hits) }
}

const sumOf = (hits: readonly number[]) => hits.reduce((sum, each) => sum + each, 0)

async function readHits({ parts }: Context, page: PageKey): Promise<number> {
  return (await parts.store.admin.page(page, todayOf(parts)))?.hits ?? 0
}
