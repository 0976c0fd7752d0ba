import { DAY_HOURS } from '../../../time.ts'

/** The hits of each page in a span. Parameters: its first and last hour, and its first and last day. */
const hitsBetween = (from: number) => {
  const [hour, end, day, lastDay] = [0, 1, 2, 3].map((place) => `$${from + place}::bigint`)
  return `
      select page, minute, hits from page_minute where minute >= ${hour} * 60 and minute < ${end} * 60
      union all select page, hour * 60, hits from page_hour where hour >= ${hour} and hour < ${end}
      union all select page, day * 60 * ${DAY_HOURS}, hits from page_day where day >= ${day} and day < ${lastDay}
      union all select entry.page, entry.minute, entry.hits
      from journal, unnest(journal.pages, journal.minutes, journal.hits) as entry (page, minute, hits)
      where entry.minute >= ${hour} * 60 and entry.minute < ${end} * 60`
}

/** The beginnings of the last period with a visit of each page, in minutes. */
const LAST_SEEN = `
      select page, minute from page_minute
      union all select page, max(hour) * 60 from page_hour group by page
      union all select page, max(day) * 60 * ${DAY_HOURS} from page_day group by page
      union all select page, max(hour) * 60 from page_outcome group by page
      union all select entry.page, entry.minute
      from journal, unnest(journal.pages, journal.minutes) as entry (page, minute)`

const RANKS = {
  hits: 'select page, hits as rank from tally',
  today: `select page, sum(hits)::bigint as rank from (${hitsBetween(6)}) as today group by page`,
  newest: 'select hash as page, made as rank from page where made is not null',
  'last-seen': `select page, max(minute) as rank from (${LAST_SEEN}) as seen group by page`,
}

/**
 * removed or not, text, rank, page, limit; for `today` its first and last hour, its first and last day → rank, hash of the
 * next pages whose keys contain the text
 */
const listBy = (rank: string) => `
    with ranked as (${rank})
    select coalesce(ranked.rank, 0) as rank, page.hash
    from page left join ranked on ranked.page = page.hash left join removed on removed.page = page.hash
    where (removed.page is not null) = $1::boolean and strpos(lower(page.key), lower($2::text)) > 0
      and (coalesce(ranked.rank, 0), page.hash) < ($3::bigint, $4::uuid)
    order by coalesce(ranked.rank, 0) desc, page.hash desc limit $5`

/** Statements that read all pages, for `QUERIES`. */
export const LIST_QUERIES = {
  listByHits: listBy(RANKS.hits),
  listByToday: listBy(RANKS.today),
  listByNewest: listBy(RANKS.newest),
  listByLastSeen: listBy(RANKS['last-seen']),
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
