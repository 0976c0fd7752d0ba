import { type SqlBool, sql } from 'kysely'
import type { PageKey } from '../../page.ts'
import { listFilter } from '../../pattern.ts'
import type { Ranked, TopQuery } from '../../store.ts'
import type { Database } from './open.ts'

/** Rows read beyond those to be listed, because some may have to be left out. */
const SPARE = 100

interface Row {
  name: string
  hits: number
}

/** The lists of the home page. Each reads all tallies once, and again if many pages have to be left out. */
export async function readTop(
  db: Database,
  query: TopQuery,
): Promise<{ hosts: Ranked[]; pages: Ranked[] }> {
  const { showsHost, showsPage } = listFilter(query)
  const tallies = db.selectFrom('tally').innerJoin('page', 'page.hash', 'tally.page')
  const host = sql<string>`split_part(split_part(page.key, '/', 1), '?', 1)`
  const sum = sql<number>`sum(tally.hits)::bigint`

  const readPages = (limit: number, { name, hits }: Row) =>
    tallies
      .select(['page.key as name', 'tally.hits'])
      .where(sql<SqlBool>`(tally.hits, page.key) < (${hits}, ${name})`)
      .orderBy('tally.hits', 'desc')
      .orderBy('page.key', 'desc')
      .limit(limit)
      .execute()
  const readHosts = (limit: number, { name, hits }: Row) =>
    tallies
      .select([host.as('name'), sum.as('hits')])
      .groupBy(host)
      .having(sql<SqlBool>`(${sum}, ${host}) < (${hits}, ${name})`)
      .orderBy(sum, 'desc')
      .orderBy(host, 'desc')
      .limit(limit)
      .execute()
  return {
    hosts: await best(query.hosts, readHosts, showsHost),
    pages: await best(query.pages, readPages, (page) => showsPage(page as PageKey)),
  }
}

/** The first `length` rows that may be listed. */
async function best(
  length: number,
  read: (limit: number, before: Row) => Promise<Row[]>,
  shows: (name: string) => boolean,
): Promise<Ranked[]> {
  const list: Ranked[] = []
  let last: Row = { name: '', hits: Number.MAX_SAFE_INTEGER }
  for (let limit = length + SPARE; list.length < length; limit *= 10) {
    const rows = await read(limit, last)
    for (const row of rows) if (list.length < length && shows(row.name)) list.push(row)
    if (rows.length < limit) break
    last = rows.at(-1) as Row
  }
  return list
}
