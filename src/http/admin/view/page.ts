import type { AdminPage } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { DAY_MS } from '../../../time.ts'
import { escapeHtml, fill } from '../../site/html.ts'
import { addressOf, asWritten, figure } from '../../site/written.ts'
import { countedOn, pageOf, todayOf } from '../parts.ts'
import { entriesHtml } from './audit.ts'
import { formHtml, hiddenFields, REASON } from './form.ts'
import type { Context, View } from './frame.ts'
import { deedHtml, isolated, pageLink, withQuery } from './html.ts'
import { foldsHtml, setForm } from './page-forms.ts'

/** Changes that are shown; the audit log has all. */
const CHANGES = 10
/** Old addresses that are shown. */
const ALIASES = 100

/** `/admin/page?url=`: all about one page, and what can be done with it. */
export async function pageView(context: Context): Promise<View> {
  const { parts, query } = context
  const { admin } = parts.store
  const named = parts.watcher.book.pages.rewriter.readAddress(query.url ?? '')
  const address = await pageOf(parts, named)
  const counted = await countedOn(parts, address)
  const page = await admin.page(address, todayOf(parts))
  const key = page?.page ?? address
  const entries = await admin.audit({ page: key, before: null, limit: CHANGES })
  const shown = new Set<string>()
  if (page === null) shown.add('unknown')
  else shown.add('known').add(page.removed === null ? 'present' : 'removed')
  if (key !== address) shown.add('alias')
  if (address !== named) shown.add('ruled')
  if (counted !== null) shown.add('elsewhere')
  if (page !== null && page.aliases.length > 0) shown.add('aliases')
  if (entries.length > 0) shown.add('changed')
  const main = fill(parts.templates.page, shown, {
    name: isolated(asWritten(key)),
    open: openLink(key),
    asked: isolated(asWritten(address)),
    ruled: isolated(asWritten(named)),
    counted: counted === null ? '' : pageLink(counted.page),
    query: escapeHtml(encodeURIComponent(key)),
    entries: entriesHtml(context, entries, key),
    audit: escapeHtml(withQuery('audit', { page: key })),
    ...(page === null ? { set: setForm(context, key, null) } : await knownValues(context, page)),
  })
  return { title: asWritten(key), main }
}

/** A link that opens a page; nothing for a bare name, which has no address. */
function openLink(page: PageKey): string {
  const address = addressOf(page)
  if (address === null) return ''
  return `<a href="${escapeHtml(address)}" rel="nofollow noopener noreferrer ugc">Open the page</a>`
}

async function knownValues(context: Context, page: AdminPage): Promise<Record<string, string>> {
  const { clock, parts } = context
  const { firstSeen, lastSeen, removed } = page
  const day = (at: number | null) => (at === null ? 'not known' : clock.day(at))
  /** A form that is one button. */
  const button = (action: string, text: string) =>
    formHtml(context, {
      ...{
        to: 'page',
        id: action,
        // The question before a purge asks for a reason.
        fields: action === 'purge' ? [] : [REASON],
        button: text,
        isPrimary: action === 'restore',
      },
      hidden: { action, page: page.page, version: String(page.version) },
    })
  return {
    hits: figure(page.hits),
    today: figure(page.today),
    first: day(firstSeen),
    last: day(lastSeen),
    aliases: aliasesHtml(context, page.aliases),
    ...(removed === null
      ? {
          set: setForm(context, page.page, page),
          folds: await foldsHtml(context, page),
          remove: button('remove', 'Remove this page'),
        }
      : {
          deed: deedHtml(clock, removed),
          purged: clock.day(removed.at + parts.settings.admin.purgeDays * DAY_MS),
          restore: button('restore', 'Restore it'),
          purge: button('purge', 'Purge it for good'),
        }),
  }
}

/** The old addresses, in one form with a button for each. */
function aliasesHtml(context: Context, aliases: readonly PageKey[]): string {
  const items = aliases
    .slice(0, ALIASES)
    .map(
      (alias) =>
        `<li><span class="key">${isolated(asWritten(alias))}</span><button type="submit" name="page" value="${escapeHtml(alias)}">Give up <span class="hidden">${escapeHtml(alias)}</span></button></li>`,
    )
  const more = aliases.length - items.length
  return `<form method="post" action="page">
          ${hiddenFields(context, { action: 'unalias' })}
          <ul class="aliases">${items.join('')}</ul>
          ${more > 0 ? `<p class="hint">and ${figure(more)} more</p>` : ''}
        </form>`
}
