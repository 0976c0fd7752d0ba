import { sql } from 'kysely'
import { DAY_HOURS } from '../../hours.ts'
import type { Removed } from '../../store.ts'
import { connectKysely, type Database } from './open.ts'

/** What is known by the minute comes to rows of hours first. */
const HOUR_OF_MINUTE = sql.raw('((minute - minute % 60) / 60)::bigint')

/**
 * What `prune` would remove of a database, and how many tokens have ended. Nothing is written.
 * @param beforeHour the first hour that is kept; null where all is
 * @throws what the driver throws, also where the database was not made by this version
 */
export async function findOutdated(
  url: string,
  beforeHour: number | null,
  now: number,
): Promise<{ removed: Removed; tokens: number }> {
  const db = connectKysely(url)
  try {
    const none = { pages: 0, hours: 0, days: 0, outcomes: 0 }
    const removed = beforeHour === null ? none : await findOld(db, beforeHour)
    return { removed, tokens: await countEnded(db, now) }
  } finally {
    await db.destroy()
  }
}

async function findOld(db: Database, beforeHour: number): Promise<Removed> {
  const { rows } = await sql<Removed>`
    with hours as (
      select page, hour from page_hour where hour < ${beforeHour}
      union
      select page, ${HOUR_OF_MINUTE} from page_minute where minute < ${beforeHour}::bigint * 60
      union
      select waiting.page, ${HOUR_OF_MINUTE}
      from journal, unnest(journal.pages, journal.minutes) as waiting (page, minute)
      where minute < ${beforeHour}::bigint * 60
    ), days as (
      select page from page_day where day < ${beforeHour / DAY_HOURS}
    ), outcomes as (
      select page from page_outcome where hour < ${beforeHour}
    ), touched as (
      select page from hours union select page from days union select page from outcomes
    )
    select
      (select count(*) from touched) as pages, (select count(*) from hours) as hours,
      (select count(*) from days) as days, (select count(*) from outcomes) as outcomes
  `.execute(db)
  return rows[0] as Removed
}

/** A row goes with the last of its tokens, and none goes before the first. */
async function countEnded(db: Database, now: number): Promise<number> {
  const { rows } = await sql<{ tokens: number }>`
    select count(page) as tokens from token, unnest(pages) as opened (page)
    where ends_at <= ${now} and (select ends_at from token order by block limit 1) <= ${now}
  `.execute(db)
  return rows[0]?.tokens ?? 0
}
