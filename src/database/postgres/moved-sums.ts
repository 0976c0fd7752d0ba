import { sql } from 'kysely'
import { kindOf, type Sums, type What } from '../moving.ts'
import type { Database } from './open.ts'

/** Sums of what a source is said to have brought. */
export async function sumsBrought(db: Database, source: string): Promise<Sums> {
  const { rows } = await sql<Omit<Sums, 'visits'>>`
    select count(*) as pages, coalesce(sum(hits), 0)::bigint as hits from moved where source = ${source}
  `.execute(db)
  const { rows: ofWhat } = await sql<{ what: What; visits: number }>`
    select brought.what, sum(brought.visits)::bigint as visits
    from moved, unnest(whats, visits) as brought (what, visits)
    where source = ${source} group by brought.what
  `.execute(db)
  const visits = new Map<string, number>()
  for (const { what, visits: some } of ofWhat)
    visits.set(kindOf(what), (visits.get(kindOf(what)) ?? 0) + some)
  return { pages: 0, hits: 0, ...rows[0], visits }
}

/** Sums of all that the database holds, whoever brought or counted it. */
export async function sumsHeld(db: Database): Promise<Sums> {
  const { rows } = await sql<Omit<Sums, 'visits'>>`
    select (select count(*) from page) as pages,
      (select coalesce(sum(hits), 0) from tally)::bigint as hits
  `.execute(db)
  const { rows: ofWhat } = await sql<{ what: string; visits: number }>`
    select 'counted' as what, (
      (select coalesce(sum(hits), 0) from page_hour) +
      (select coalesce(sum(hits), 0) from page_day) +
      (select coalesce(sum(hits), 0) from page_minute) +
      (select coalesce(sum(waiting.hits), 0) from journal, unnest(journal.hits) as waiting (hits))
    )::bigint as visits
    union all
    select outcome, sum(visits)::bigint from page_outcome group by outcome
  `.execute(db)
  const visits = new Map(ofWhat.map(({ what, visits: some }) => [what, some]))
  return { pages: 0, hits: 0, ...rows[0], visits }
}

/** How many pages have a number that is smaller than what was brought of them. */
export async function countLacking(db: Database): Promise<number> {
  const { rows } = await sql<{ pages: number }>`
    select count(*) as pages
    from (select page, sum(hits) as hits from moved group by page) as brought
    left join tally on tally.page = brought.page
    where coalesce(tally.hits, 0) < brought.hits
  `.execute(db)
  return rows[0]?.pages ?? 0
}

/** Whether nobody but this connection has written; with null, nobody at all. */
export async function isUntouched(db: Database, writer: string | null): Promise<boolean> {
  const others = await db.selectFrom('writer').select('id').execute()
  if (others.some(({ id }) => id !== writer)) return false
  if (writer !== null) return true
  return (await db.selectFrom('page').select('hash').limit(1).execute()).length === 0
}
