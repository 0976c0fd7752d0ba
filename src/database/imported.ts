import type { Kysely } from 'kysely'
import { hostOf, type PageKey } from '../page.ts'
import type { Schema } from './schema.ts'

/** Pages written in one transaction, so that a running server waits for a few milliseconds at most. */
const SLICE = 500

/**
 * Adds hits that another counter had counted. What was already added from `source` is added no second time: of a
 * page that has grown there since, only the rest.
 * @param pages each page's number at the source
 * @returns how many pages and hits this run added
 */
export async function addImported(
  db: Kysely<Schema>,
  source: string,
  pages: ReadonlyMap<PageKey, number>,
): Promise<{ pages: number; hits: number }> {
  const added = { pages: 0, hits: 0 }
  const entries = [...pages]
  for (let start = 0; start < entries.length; start += SLICE) {
    await db.transaction().execute(async (transaction) => {
      for (const [page, hits] of entries.slice(start, start + SLICE)) {
        const more = await addPage(transaction, source, page, hits)
        added.pages += more > 0 ? 1 : 0
        added.hits += more
      }
    })
  }
  return added
}

async function addPage(db: Kysely<Schema>, source: string, page: PageKey, hits: number) {
  // A write comes first: a transaction that began by reading could not wait for another writer.
  const { id } = await db
    .insertInto('page')
    .values({ key: page, host: hostOf(page) })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((eb) => ({ key: eb.ref('excluded.key') })),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  const before = await db
    .selectFrom('imported')
    .select('hits')
    .where('source', '=', source)
    .where('page_id', '=', id)
    .executeTakeFirst()
  const more = Math.max(0, hits - (before?.hits ?? 0))
  if (more === 0) return 0
  await db
    .insertInto('imported')
    .values({ source, page_id: id, hits })
    .onConflict((conflict) => conflict.columns(['source', 'page_id']).doUpdateSet({ hits }))
    .execute()
  await db
    .insertInto('tally')
    .values({ page_id: id, hits: more })
    .onConflict((conflict) =>
      conflict.column('page_id').doUpdateSet((eb) => ({ hits: eb('tally.hits', '+', more) })),
    )
    .execute()
  return more
}
