import type { AdminPage, PagesQuery } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { Refusal } from '../../../refusal.ts'
import { DAY_MS } from '../../../time.ts'
import { escapeHtml, fill } from '../../site/html.ts'
import { figure } from '../../site/written.ts'
import { partOf } from '../pages.ts'
import { pageOf, todayOf } from '../parts.ts'
import { chosenForm } from './form.ts'
import type { Context, View } from './frame.ts'
import {
  addressOf,
  type Columns,
  checkbox,
  choiceLink,
  deedHtml,
  pageLink,
  table,
  withQuery,
} from './html.ts'

/** Pages that are shown at a time. */
const LIMIT = 50
const SORTS: Readonly<Record<PagesQuery['sort'], string>> = {
  hits: 'Hits',
  today: 'Today',
  newest: 'Newest',
  'last-seen': 'Last seen',
}

const COMMON = { Choose: 'check', Page: 'row', Hits: 'number' } as const
const COLUMNS: Columns = { ...COMMON, Today: 'number', 'Last seen': 'number' }
const BIN_COLUMNS: Columns = { ...COMMON, Removed: 'text', 'Purged on': 'number' }

/** The form about the pages that are chosen. */
const FORM = { to: 'pages', id: 'pages' }

/** `/admin/`: the pages that are counted. */
export async function pagesView(context: Context): Promise<View> {
  const { query, parts, clock } = context
  const part = query.part ?? ''
  const sort = sortOf(query.sort)
  const { pages, next } = await readPages(context, { part, sort, removed: false })
  const rows = pages.map(({ page, hits, today, lastSeen }) => [
    chooser(context, page),
    pageLink(page),
    figure(hits),
    figure(today),
    lastSeen === null ? 'not known' : clock.day(lastSeen),
  ])
  const links = Object.entries(SORTS).map(([name, text]) =>
    choiceLink(withQuery('./', { part, sort: name === 'hits' ? '' : name }), text, name === sort),
  )
  const shown = new Set([pages.length > 0 ? 'some' : 'none'])
  if (pages.length === 0) shown.add(part === '' ? 'fresh' : 'nothing')
  if (sort !== 'hits') shown.add('sorted')
  const alias = await findAlias(context, part)
  if (alias !== null) shown.add('alias')
  const main = fill(parts.templates.pages, shown, {
    alias: alias === null ? '' : pageLink(alias),
    part: escapeHtml(part),
    sort,
    address: escapeHtml(addressOf(part)),
    sorts: links.join(''),
    form: chosenForm(context, { ...FORM, rows: table('Pages', COLUMNS, rows) }, [
      ['remove', 'Remove'],
    ]),
    next: nextLink(next, './', { part, sort }),
  })
  return { title: 'Pages', main }
}

/** `/admin/bin`: the pages that are removed. */
export async function binView(context: Context): Promise<View> {
  const { query, parts, clock } = context
  const { purgeDays } = parts.settings.admin
  const part = query.part ?? ''
  const { pages, next } = await readPages(context, { part, sort: 'newest', removed: true })
  const rows = pages.map(({ page, hits, removed }) => [
    chooser(context, page),
    pageLink(page),
    figure(hits),
    removed === null ? '' : deedHtml(clock, removed),
    removed === null ? '' : clock.day(removed.at + purgeDays * DAY_MS),
  ])
  const shown = new Set([pages.length > 0 ? 'some' : part === '' ? 'none' : 'nothing'])
  if (pages.length > 0 || part !== '') shown.add('search')
  const main = fill(parts.templates.bin, shown, {
    part: escapeHtml(part),
    days: figure(purgeDays),
    form: chosenForm(context, { ...FORM, rows: table('Removed pages', BIN_COLUMNS, rows) }, [
      ['restore', 'Restore', 'primary'],
      ['purge', 'Purge for good'],
    ]),
    next: nextLink(next, 'bin', { part }),
  })
  return { title: 'Bin', main }
}

/** The page of an old address; null if the text is no old address. */
async function findAlias({ parts }: Context, text: string): Promise<PageKey | null> {
  if (text === '') return null
  try {
    const address = await pageOf(parts, text)
    const page = await parts.store.admin.page(address, todayOf(parts))
    return page === null || page.page === address ? null : page.page
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

function sortOf(given = 'hits'): PagesQuery['sort'] {
  return Object.hasOwn(SORTS, given) ? (given as PagesQuery['sort']) : 'hits'
}

async function readPages(
  { query, parts }: Context,
  wanted: Pick<PagesQuery, 'part' | 'sort' | 'removed'>,
): Promise<{ pages: AdminPage[]; next: string | null }> {
  const after = query.after ?? ''
  const part = await partOf(parts, wanted.part)
  return parts.store.admin.pages({ ...wanted, part, after, limit: LIMIT, today: todayOf(parts) })
}

function chooser({ refused }: Context, page: string): string {
  return checkbox('page', page, page, refused?.sent.fields.getAll('page').includes(page))
}

function nextLink(
  next: string | null,
  path: string,
  parameters: Readonly<Record<string, string>>,
): string {
  if (next === null) return ''
  const address = escapeHtml(withQuery(path, { ...parameters, after: next }))
  return `<p><a class="button" href="${address}" rel="next">Next ${LIMIT}</a></p>`
}
