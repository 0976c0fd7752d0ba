import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AuditEntry, PagesQuery } from '../../admin.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import { describe, objectOf, TEXT } from '../openapi.ts'
import { changeRoute, readRoute } from './api-route.ts'
import {
  type AdminParts,
  changesOf,
  deedOf,
  type NamedChange,
  noSuchPage,
  pageOf,
  todayOf,
  urlOf,
} from './parts.ts'
import { Meanwhile } from './problem.ts'
import { AUDIT_QUERY, CHANGE, CHANGES, PAGES_QUERY, URL_QUERY } from './schemas.ts'
import { badRequest } from './validate.ts'

/** Pages and entries that a list has if its query names no limit. */
const LIMIT = 50
/** Entries of the audit log that are read at a time for the export, and that a changed page shows. */
const SLICE = 500
const LATEST = 10

const ENTRY = {
  $id: 'AuditEntry',
  ...objectOf({
    id: { type: 'integer' },
    at: { type: 'integer' },
    actor: TEXT,
    action: TEXT,
    page: { type: ['string', 'null'] },
    before: {},
    after: {},
    reason: TEXT,
  }),
}
const TIME = { type: ['integer', 'null'] }
const PAGE = {
  $id: 'AdminPage',
  ...objectOf({
    page: TEXT,
    hits: { type: 'integer' },
    today: { type: 'integer' },
    firstSeen: TIME,
    lastSeen: TIME,
    aliases: { type: 'array', items: TEXT },
    removed: { type: ['object', 'null'] },
    version: { type: 'integer' },
  }),
}
const CHANGED = {
  $id: 'ChangedPage',
  ...objectOf({
    page: TEXT,
    hits: { type: 'integer' },
    removed: { type: ['object', 'null'] },
    version: { type: 'integer' },
  }),
}
const listOf = (id: string) => ({ type: 'array', items: { $ref: `${id}#` } })

interface ListQuery {
  part?: string
  sort?: PagesQuery['sort']
  removed?: 'true' | 'false'
  after?: string
  limit?: string
}

/** The routes of pages and of the audit log. */
export function pagesApi(app: FastifyInstance, parts: AdminParts): void {
  const { admin } = parts.store
  for (const schema of [ENTRY, PAGE, CHANGED]) app.addSchema(schema)

  const list = objectOf({ pages: listOf('AdminPage'), next: { type: ['string', 'null'] } })
  readRoute<ListQuery>(
    app,
    '/pages',
    'Pages, searched and sorted',
    PAGES_QUERY,
    list,
    ({ input }) =>
      admin.pages({
        part: input.part ?? '',
        sort: input.sort ?? 'hits',
        removed: input.removed === 'true',
        after: input.after ?? '',
        limit: Number(input.limit ?? LIMIT),
        today: todayOf(parts),
      }),
  )
  const changed = objectOf({ pages: listOf('ChangedPage') })
  changeRoute<{ changes: NamedChange[]; reason?: string }>(
    app,
    '/pages',
    'Changes pages: all of them, or none',
    CHANGES,
    changed,
    async ({ input, operator }) => {
      const changes = await changesOf(parts, input.changes)
      return { pages: await admin.change(changes, deedOf(parts, operator, input.reason)) }
    },
  )
  readRoute<object>(
    app,
    '/page',
    'A page, with its version as ETag',
    URL_QUERY,
    { $ref: 'AdminPage#' },
    async ({ request, reply }) => {
      const page = await admin.page(pageOf(parts, urlOf(request)), todayOf(parts))
      if (page === null) throw noSuchPage()
      reply.header('etag', `"${page.version}"`)
      return page
    },
  )
  changeRoute<Omit<NamedChange, 'page'> & { reason?: string }>(
    app,
    '/page',
    'Changes a page; with If-Match, only if its version is still this',
    CHANGE,
    changed,
    async ({ input, operator, request }) => {
      const page = pageOf(parts, urlOf(request))
      const { reason, ...named } = input
      const ifVersion = versionOf(request)
      const changes = await changesOf(parts, [
        { ...(named as NamedChange), page, ...(ifVersion !== null && { ifVersion }) },
      ])
      const pages = await admin
        .change(changes, deedOf(parts, operator, reason))
        .catch((error) => withChanges(error, parts, page))
      return { pages }
    },
    URL_QUERY,
  )
  auditApi(app, parts)
}

/** The version in If-Match; null if the change is to be made in any case. Proxies that compress make an ETag weak. */
function versionOf({ headers }: FastifyRequest): number | null {
  const given = headers['if-match']
  if (given === undefined || given === '*') return null
  const [, version] = /^(?:W\/)?"(\d{1,15})"$/.exec(given) ?? []
  if (version === undefined) {
    throw badRequest('If-Match must be the ETag of the page, such as "3", or *.')
  }
  return Number(version)
}

/** Adds to a refusal of an old version what was changed meanwhile. */
async function withChanges(error: unknown, parts: AdminParts, page: PageKey): Promise<never> {
  if (!(error instanceof Refusal) || error.code !== 'changed') throw error
  const { admin } = parts.store
  const [changes, present] = await Promise.all([
    admin.audit({ page, before: null, limit: LATEST }),
    admin.page(page, todayOf(parts)),
  ])
  throw new Meanwhile(error, changes, present?.version ?? 0)
}

/** The audit log: by slices, and as a whole. */
function auditApi(app: FastifyInstance, parts: AdminParts): void {
  const { admin } = parts.store
  const summary = 'The audit log, newest first'
  const answer = objectOf({ entries: listOf('AuditEntry') })
  readRoute<{ page?: string; before?: string; limit?: string }>(
    app,
    '/audit',
    summary,
    AUDIT_QUERY,
    answer,
    async ({ input: { page, before, limit } }) => ({
      entries: await admin.audit({
        page: page ? pageOf(parts, page) : null,
        before: before === undefined ? null : Number(before),
        limit: Number(limit ?? LIMIT),
      }),
    }),
  )
  const lines = {
    ...describe('Administration', `${summary}, as JSON lines: all of it`, {}, 'lines'),
    secured: true,
  }
  app.get('/audit.jsonl', { config: { openapi: lines } }, async (_request, reply) =>
    reply
      .type('application/jsonl; charset=utf-8')
      .header('content-disposition', 'attachment; filename="audit.jsonl"')
      .send(Readable.from(linesOf(parts), { highWaterMark: 1 })),
  )
}

/** An entry as one line. Some programs also end a line at these three characters, which JSON leaves as they are. */
function lineOf(entry: AuditEntry): string {
  return JSON.stringify(entry).replace(
    /[\u0085\u2028\u2029]/g,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** All entries of the audit log, each slice as text. A slice is read when the client has taken the one before. */
async function* linesOf({ store }: AdminParts): AsyncGenerator<string> {
  for (let before: number | null = null; ; ) {
    const entries: AuditEntry[] = await store.admin.audit({ page: null, before, limit: SLICE })
    if (entries.length > 0) yield `${entries.map(lineOf).join('\n')}\n`
    if (entries.length < SLICE) return
    before = entries.at(-1)?.id ?? null
  }
}
