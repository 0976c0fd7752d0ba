import type { Kysely } from 'kysely'
import { hostOf, type PageKey } from '../page.ts'
import type { Ranked, TopQuery } from '../store.ts'
import type { Schema } from './schema.ts'

/** Rows asked for at a time: what is shown is decided here, not in the database, so a few rows may fall out. */
const SLICE = 200

/** The hosts and pages with the most hits, of those that may be shown. Reads every tally. */
export async function topLists(
  db: Kysely<Schema>,
  { hosts, pages, showsPage, showsHost }: TopQuery,
): Promise<{ hosts: Ranked[]; pages: Ranked[] }> {
  const joined = db.selectFrom('tally').innerJoin('page', 'page.id', 'tally.page_id')
  const byPage = joined
    .select(['page.key as name', 'tally.hits as hits'])
    .orderBy('hits', 'desc')
    .orderBy('name')
  const byHost = joined
    .select((eb) => ['page.host as name', eb.fn.sum<number>('tally.hits').as('hits')])
    .groupBy('page.host')
    .orderBy('hits', 'desc')
    .orderBy('name')
  return {
    hosts: await first(hosts, byHost, showsHost),
    pages: await first(pages, byPage, (name) => {
      const page = name as PageKey
      return showsHost(hostOf(page)) && showsPage(page)
    }),
  }
}

interface Query {
  limit(limit: number): { offset(offset: number): { execute(): Promise<Ranked[]> } }
}

async function first(many: number, query: Query, shown: (name: string) => boolean) {
  const found: Ranked[] = []
  for (let offset = 0; found.length < many; offset += SLICE) {
    const rows = await query.limit(SLICE).offset(offset).execute()
    found.push(...rows.filter(({ name }) => shown(name)))
    if (rows.length < SLICE) break
  }
  return found.slice(0, many)
}
