import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { AuditEntry } from '../../admin.ts'
import { objectOf } from '../openapi.ts'
import { type Api, describeSecured } from './api.ts'
import { type AdminParts, pageOf } from './parts.ts'
import { AUDIT_QUERY, LIMIT, listOf } from './schemas.ts'

/** Entries that are read at a time for the export. */
const SLICE = 500
const SUMMARY = 'The audit log, newest first'

/** The routes of the audit log: by slices, and as a whole. */
export function auditApi(app: FastifyInstance, api: Api, parts: AdminParts): void {
  const { admin } = parts.store
  const answer = objectOf({ entries: listOf('AuditEntry') })
  api.read<{ page?: string; before?: string; limit?: string }>(
    '/audit',
    SUMMARY,
    AUDIT_QUERY,
    answer,
    async ({ input: { page, before, limit = LIMIT } }) => ({
      entries: await admin.audit({
        page: page ? await pageOf(parts, page) : null,
        before: before === undefined ? null : Number(before),
        limit: Number(limit),
      }),
    }),
  )

  const summary = `${SUMMARY}, as JSON lines: all of it`
  const openapi = describeSecured('Administration', summary, {}, 'lines')
  app.get('/audit.jsonl', { config: { openapi } }, async (_request, reply) =>
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
