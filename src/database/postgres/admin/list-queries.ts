import { DAY_HOURS } from '../../../time.ts'

const DAY_MINUTES = 60 * DAY_HOURS

/** The hits of each page in a span. Parameters: its first and last hour, and its first and last day. */
const hitsBetween = (from: number) => {
  const [hour, end, day, lastDay] = [0, 1, 2, 3].map((place) => `$${from + place}::bigint`)
  return `
      select page, minute, hits from page_minute where minute >= ${hour} * 60 and minute < ${end} * 60
      union all select page, hour * 60, hits from page_hour where hour >= ${hour} and hour < ${end}
      union all select page, day * ${DAY_MINUTES}, hits from page_day where day >= ${day} and day < ${lastDay}
      union all select entry.page, entry.minute, entry.hits
      from journal, unnest(journal.pages, journal.minutes, journal.hits) as entry (page, minute, hits)
      where entry.minute >= ${hour} * 60 and entry.minute < ${end} * 60`
}

/** The beginnings of periods with visits of each page, in minutes, since a minute. */
const SEEN_SINCE = `
      select page, minute from page_minute where minute >= $6::bigint
      union all select page, hour * 60 from page_hour where hour * 60 >= $6::bigint
      union all select page, day * ${DAY_MINUTES} from page_day where day * ${DAY_MINUTES} >= $6::bigint
      union all select page, hour * 60 from page_outcome where hour * 60 >= $6::bigint
      union all select entry.page, entry.minute
      from journal, unnest(journal.pages, journal.minutes) as entry (page, minute) where entry.minute >= $6::bigint`

/** The beginning of the last period with a visit of a page, in minutes; null if there was none. */
const LAST_SEEN = `greatest(
      (select max(minute) from page_minute where page = page.hash),
      (select max(hour) * 60 from page_hour where page = page.hash),
      (select max(day) * ${DAY_MINUTES} from page_day where page = page.hash),
      (select max(hour) * 60 from page_outcome where page = page.hash),
      (select max(entry.minute) from journal, unnest(journal.pages, journal.minutes) as entry (page, minute)
        where entry.page = page.hash)
    )`

/**
 * removed or not, text, rank, page, limit → rank, hash of the next pages whose keys contain the text
 * @param rank of a page, an expression
 * @param joined what the expression needs
 */
const listBy = (rank: string, joined = '') => `
    with listed as (
      select coalesce(${rank}, 0) as rank, page.hash
      from page left join removed on removed.page = page.hash ${joined}
      where (removed.page is not null) = $1::boolean and strpos(lower(page.key), lower($2::text)) > 0
    )
    select rank, hash from listed where (rank, hash) < ($3::bigint, $4::uuid)
    order by rank desc, hash desc limit $5`

/** Statements that read all pages, for `QUERIES`. */
export const LIST_QUERIES = {
  listByHits: listBy('tally.hits', 'left join tally on tally.page = page.hash'),
  listByNewest: listBy('page.made'),
  /** further parameters: first and last hour of today, first and last day */
  listByToday: listBy(
    'today.hits',
    `left join (
      select page, sum(hits)::bigint as hits from (${hitsBetween(6)}) as hit group by page
    ) as today on today.page = page.hash`,
  ),
  /** It looks up each page. */
  listByLastSeen: listBy(LAST_SEEN),
  /** further parameter: a minute. Leaves out pages without a visit since then; it reads the visits since then. */
  listByRecent: listBy(
    'seen.minute',
    `join (
      select page, max(minute) as minute from (${SEEN_SINCE}) as visit group by page
    ) as seen on seen.page = page.hash`,
  ),
  /**
   * first and last hour of an hour, its days; first and last hour of the week before, its days; hours of the week, limit →
   * hash, key, hits, usual of the pages that grew most
   */
  findSpikes: `
    with now as (select page, sum(hits)::bigint as hits from (${hitsBetween(1)}) as hour group by page),
    usual as (
      select page, sum(hits) / $9::float8 as hits from (${hitsBetween(5)}) as week
      where page in (select page from now) group by page
    )
    select page.hash, page.key, now.hits, coalesce(usual.hits, 0)::float8 as usual
    from now join page on page.hash = now.page left join usual on usual.page = now.page
    where now.hits > coalesce(usual.hits, 0) and not exists (select 1 from removed where removed.page = now.page)
    order by now.hits - coalesce(usual.hits, 0) desc, page.hash limit $10`,
  /** pages, hour → page, outcome, visits */
  outcomesOfHour:
    'select page, outcome, visits from page_outcome where page = any($1::uuid[]) and hour = $2',
}
