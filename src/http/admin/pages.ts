import type { FastifyRequest } from 'fastify'
import type { Change, ChangedPage, PagesQuery } from '../../admin.ts'
import type { PageKey } from '../../page.ts'
import { atPlace, Refusal } from '../../refusal.ts'
import { inSlices } from '../../slices.ts'
import { writeTime } from '../../time.ts'
import { objectOf } from '../openapi.ts'
import { Meanwhile } from '../problem.ts'
import { asWritten } from '../site/written.ts'
import { badRequest } from '../validate.ts'
import type { Api } from './api.ts'
import { type FormHandler, type Submission, Unconfirmed } from './form.ts'
import { checkForm, type Fields } from './form-fields.ts'
import { questionOf } from './page-questions.ts'
import { type AdminParts, countedOn, noSuchPage, pageOf, todayOf, urlOf } from './parts.ts'
import { ACTIONS, CHANGE, CHANGES, LIMIT, listOf, PAGES_QUERY, URL_QUERY } from './schemas.ts'
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
  const list = objectOf({ pages: listOf('ListedPage'), next: { type: ['string', 'null'] } })
  const about = 'Pages, searched and sorted'
  api.read<ListQuery>('/pages', about, PAGES_QUERY, list, async ({ input }) => {
    const { sort = 'hits', removed, after = '', limit = LIMIT } = input
    const part = await partOf(parts, input.part ?? '')
    const wanted = { part, sort, removed: removed === 'true', after, limit: Number(limit) }
    const { pages, next } = await admin.pages({ ...wanted, today: todayOf(parts) })
    return { pages: pages.map(({ aliases: _, ...page }) => page), next }
  })

  const changed = objectOf({ pages: listOf('ChangedPage') })
  api.change<{ changes: NamedChange[] }>(
    '/pages',
    'Changes pages: all of them, or none',
    CHANGES,
    changed,
    async ({ input, deed }) => {
      try {
        return { pages: await admin.change(await changesOf(parts, input.changes), deed) }
      } catch (error) {
        throw error instanceof Refusal ? withPlace(error) : error
      }
    },
  )

  const known = { $ref: 'AdminPage#' }
  api.read('/page', 'A page, with its version as ETag', URL_QUERY, known, async (call) => {
    const page = await admin.page(await pageOf(parts, urlOf(call.request)), todayOf(parts))
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
      const page = await pageOf(parts, urlOf(request))
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

/** A refusal of one change among several, with its place in the list. */
function withPlace({ code, brief, message, place, cause }: Refusal): Refusal {
  const sentence =
    place === null ? message : `changes[${place}] failed, so nothing was done: ${message}`
  return new Refusal(code, brief, sentence, { cause })
}

/**
 * The changes that are named. 10,000 of them take some 30 ms, which other work interrupts, and longer if page rules change their
 * addresses, which are then looked up.
 * @throws Refusal `bad_page`, or `bad_change` for a number that nobody would see, and for a new address that a page rule changes
 */
async function changesOf(parts: AdminParts, named: readonly NamedChange[]): Promise<Change[]> {
  const changes: Change[] = []
  for await (const [place, each] of inSlices(named.entries())) {
    try {
      changes.push(await changeOf(parts, each))
    } catch (error) {
      throw atPlace(error, place)
    }
  }
  return changes
}

async function changeOf(parts: AdminParts, named: NamedChange): Promise<Change> {
  const page = await pageOf(parts, named.page)
  const { rewriter } = parts.watcher.book.pages
  switch (named.action) {
    case 'set':
    case 'add': {
      const counted = await countedOn(parts, page)
      if (counted === null) return { ...named, page }
      throw badChange(
        `By the page rule "${counted.rule.pattern}", visits of ${page} count for ${counted.page}: change that page, or merge ${page} into it.`,
      )
    }
    case 'rename': {
      const to = rewriter.readAddress(named.to)
      const { page: counted, steps } = rewriter.rewrite(to)
      if (counted === to) return { ...named, page, to }
      throw badChange(
        `The page rule "${steps[0]?.rule.pattern}" turns ${to} into ${counted}: name that page, or another address.`,
      )
    }
    case 'merge':
      return { ...named, page, into: rewriter.read(named.into) }
    default:
      return { ...named, page }
  }
}

const badChange = (sentence: string) => new Refusal('bad_change', 'not possible', sentence)

/** What a list is searched for: of a full address, or one that page rules change, the page that it stands for. */
export async function partOf(parts: AdminParts, part: string): Promise<string> {
  const { rewriter } = parts.watcher.book.pages
  try {
    const exact = rewriter.readAddress(part)
    const isFull = /^https?:\/\//i.test(part.trim())
    if (!isFull && rewriter.rewrite(exact).page === exact) return part
    const page = await pageOf(parts, part)
    return (await parts.store.admin.page(page, todayOf(parts)))?.page ?? page
  } catch (error) {
    // It is a part of an address, and no address.
    if (error instanceof Refusal && error.code === 'bad_page') return part
    throw error
  }
}

/** What was done with one page, by action. Of the others, their page says enough. */
const SAID: Readonly<Record<string, (page: string) => string>> = {
  unalias: (page) => `${page} is given up: it is an unknown page now.`,
  remove: (page) => `${page} is removed.`,
  restore: (page) => `${page} is restored.`,
  purge: (page) => `${page} is purged.`,
}

/** `page`: an action on one page. `pages`: one on many. */
export const pageForm: FormHandler = async (submission) => {
  const { fields, parts } = submission
  const named = readChanges(submission)
  const { action } = named[0] as NamedChange
  const changes = await changesOf(parts, named)
  const [first] = changes as [Change]
  const question = fields.has('confirm') ? null : await questionOf(parts, changes)
  if (question !== null) throw new Unconfirmed(question)
  const [changed] = await makeChanges(submission, changes)
  const said = changes.length === 1 ? (SAID[action]?.(asWritten(first.page)) ?? '') : ''
  const done = { notice: action, count: changes.length, said }
  // Its old address may be gone, and is then no place to go back to.
  const isMoved = changed && (action === 'rename' || action === 'merge')
  return isMoved ? { ...done, to: addressOf(changed.page) } : done
}

/** Makes changes. A refusal because a page was changed meanwhile says by whom, and what can be done now. */
async function makeChanges(
  { deed, parts }: Submission,
  changes: readonly Change[],
): Promise<ChangedPage[]> {
  const { admin } = parts.store
  try {
    return await admin.change(changes, deed)
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'changed') throw error
    const [{ page }] = changes as [Change]
    const [last] = await admin.audit({ page, before: null, limit: 1 })
    const by = last ? `, by ${last.actor} at ${writeTime(last.at)}` : ''
    const sentence = `${asWritten(page)} was changed meanwhile${by}, and not to what you typed. Press again if you still want that.`
    throw new Refusal('changed', error.brief, sentence)
  }
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
  return checkForm<{ changes: NamedChange[] }>(request, CHANGES, { changes }).changes
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
  return /^[+-]?\d{1,30}$/.test(digits) ? Number(digits) : text
}
