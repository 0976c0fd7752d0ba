import type { FastifyRequest } from 'fastify'
import type { Change, PagesQuery } from '../../admin.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import { inSlices } from '../../slices.ts'
import { objectOf } from '../openapi.ts'
import type { Api } from './api.ts'
import { type FormHandler, type Submission, Unconfirmed } from './form.ts'
import { type AdminParts, noSuchPage, pageOf, todayOf, urlOf } from './parts.ts'
import { Meanwhile } from './problem.ts'
import { ACTIONS, CHANGE, CHANGES, LIMIT, listOf, PAGES_QUERY, URL_QUERY } from './schemas.ts'
import { badRequest, check, type Fields } from './validate.ts'
import { addressOf } from './view/html.ts'

/** Entries of the audit log that tell what was changed meanwhile. */
const LATEST = 10

/** A change as a program sends it: its addresses are not yet keys. */
type NamedChange = Change extends infer Each
  ? { [Name in keyof Each]: Each[Name] extends PageKey ? string : Each[Name] }
  : never

interface ListQuery {
  part?: string
  sort?: PagesQuery['sort']
  removed?: 'true' | 'false'
  after?: string
  limit?: string
}

/** The routes of pages. */
export function pagesApi(api: Api, parts: AdminParts): void {
  const { admin } = parts.store
  const list = objectOf({ pages: listOf('AdminPage'), next: { type: ['string', 'null'] } })
  api.read<ListQuery>('/pages', 'Pages, searched and sorted', PAGES_QUERY, list, ({ input }) => {
    const { part = '', sort = 'hits', removed, after = '', limit = LIMIT } = input
    const today = todayOf(parts)
    const isRemoved = removed === 'true'
    return admin.pages({ part, sort, removed: isRemoved, after, limit: Number(limit), today })
  })

  const changed = objectOf({ pages: listOf('ChangedPage') })
  api.change<{ changes: NamedChange[] }>(
    '/pages',
    'Changes pages: all of them, or none',
    CHANGES,
    changed,
    async ({ input, deed }) => ({
      pages: await admin.change(await changesOf(parts, input.changes), deed),
    }),
  )

  const known = { $ref: 'AdminPage#' }
  api.read('/page', 'A page, with its version as ETag', URL_QUERY, known, async (call) => {
    const page = await admin.page(pageOf(parts, urlOf(call.request)), todayOf(parts))
    if (page === null) throw noSuchPage()
    call.reply.header('etag', `"${page.version}"`)
    return page
  })

  api.change<Omit<NamedChange, 'page'> & { reason?: string }>(
    '/page',
    'Changes a page; with If-Match, only if its version is still this',
    CHANGE,
    changed,
    async ({ input: { reason: _, ...named }, deed, request }) => {
      const page = pageOf(parts, urlOf(request))
      const changes = await changesOf(parts, [
        { ...(named as NamedChange), page, ...versionOf(request) },
      ])
      try {
        return { pages: await admin.change(changes, deed) }
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'changed') throw error
        const [latest, present] = await Promise.all([
          admin.audit({ page, before: null, limit: LATEST }),
          admin.page(page, todayOf(parts)),
        ])
        throw new Meanwhile(error, latest, present?.version ?? 0)
      }
    },
    URL_QUERY,
  )
}

/** The version in If-Match; none if the change is to be made in any case. Proxies that compress make an ETag weak. */
function versionOf({ headers }: FastifyRequest): { ifVersion?: number } {
  const given = headers['if-match']
  if (given === undefined || given === '*') return {}
  const [, version] = /^(?:W\/)?"(\d{1,15})"$/.exec(given) ?? []
  if (version === undefined) {
    throw badRequest('If-Match must be the ETag of the page, such as "3", or *.')
  }
  return { ifVersion: Number(version) }
}

/** The changes that are named. 10,000 of them take some 30 ms, which other work interrupts. @throws Refusal `bad_page` */
async function changesOf(parts: AdminParts, named: readonly NamedChange[]): Promise<Change[]> {
  const changes: Change[] = []
  for await (const each of inSlices(named)) {
    const page = pageOf(parts, each.page)
    if (each.action === 'rename') changes.push({ ...each, page, to: pageOf(parts, each.to) })
    else if (each.action === 'merge')
      changes.push({ ...each, page, into: pageOf(parts, each.into) })
    else changes.push({ ...each, page })
  }
  return changes
}

/** Actions that a form asks again, and how. */
const QUESTIONS: Readonly<Record<string, (pages: string, fields: Fields) => string>> = {
  reset: (pages) =>
    `Reset ${pages}? The number, the history and the outcomes begin again at 0. This cannot be undone.`,
  merge: (pages, fields) =>
    `Merge ${pages} into ${fields.get('into')}? Their numbers and histories add up. This cannot be undone.`,
  remove: (pages) =>
    `Remove ${pages}? Everybody gets “removed” in place of a number, until you restore from the bin what you remove now.`,
  purge: (pages) => `Purge ${pages}? The number and the history are gone for good.`,
  'take-back': (pages) => `Take back the hits of that hour from ${pages}? This cannot be undone.`,
}

/** `page`: an action on one page. `pages`: one on many. */
export const pageForm: FormHandler = async (submission) => {
  const { fields, deed, parts } = submission
  const named = readChanges(submission)
  const { action } = named[0] as NamedChange
  const changes = await changesOf(parts, named)
  const [first] = changes as [Change]
  const question = QUESTIONS[action]
  if (question && !fields.has('confirm')) {
    const count = changes.length
    const pages = count === 1 ? first.page : `${count.toLocaleString('en')} pages`
    throw new Unconfirmed(question(pages, fields))
  }
  const [changed] = await parts.store.admin.change(changes, deed)
  const done = { notice: action, count: changes.length }
  // Its old address may be gone, and is then no place to go back to.
  const isMoved = changed && (action === 'rename' || action === 'merge')
  return isMoved ? { ...done, to: addressOf(changed.page) } : done
}

/** The form as the object that programs send, checked by the same schema. @throws Refusal */
function readChanges({ fields, request }: Submission): NamedChange[] {
  if (!fields.has('page')) throw badRequest('Choose at least one page.')
  const version = fields.get('version')
  const values = {
    ...readAction(fields),
    ...(version !== null && { ifVersion: whole(version) }),
  }
  const changes = fields.getAll('page').map((page) => ({ page, ...values }))
  return check<{ changes: NamedChange[] }>(request, CHANGES, { changes }, 'The form').changes
}

/** The action of a form with its values, not yet checked. A field that is left empty counts as missing. */
export function readAction(fields: Fields): object {
  const action = fields.get('action') ?? ''
  const names = Object.hasOwn(ACTIONS, action) ? Object.keys(ACTIONS[action] ?? {}) : []
  const values = names.flatMap((name): [string, unknown][] => {
    const text = fields.get(name)?.trim() ?? ''
    if (name === 'alias') return [[name, text !== '' && text !== 'no']]
    if (text === '') return []
    return [[name, name === 'hits' || name === 'hour' ? whole(text) : text]]
  })
  return { action, ...Object.fromEntries(values) }
}

/** A number as people write it, such as `1,234` or `+5`. Any other text stays, and is then refused. */
function whole(text: string): number | string {
  const digits = text.trim().replaceAll(',', '')
  return /^[+-]?\d{1,16}$/.test(digits) ? Number(digits) : text
}
