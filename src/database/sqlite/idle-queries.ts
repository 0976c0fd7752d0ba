/** The statements that find and remove idle pages; see idle.ts. */
export const IDLE_QUERIES = {
  /**
   * first page id, last, hits, hour, its day, hour → id, key, host id, hits of the pages that have fewer, and no visit in a
   * table since. Without the newest page, whose id would be given again, and without pages of which hits were imported:
   * nobody knows when those were.
   */
  findIdle: `
    with recursive sources (name) as (
      select min(source) from imported
      union all
      select (select min(source) from imported where source > name) from sources where name is not null
    )
    select page.id, page.key, page.host_id as host, coalesce(tally.hits, 0) as hits
    from page left join tally on tally.page_id = page.id
    where page.id between ? and ? and coalesce(tally.hits, 0) < ?
      and page.id < (select max(id) from page)
      and not exists (select 1 from page_hour where page_id = page.id and hour >= ?)
      and not exists (select 1 from page_day where page_id = page.id and day >= ?)
      and not exists (select 1 from page_outcome where page_id = page.id and hour >= ?)
      and not exists (
        select 1 from sources join imported on imported.source = sources.name and imported.page_id = page.id
      )`,
  /** page id */
  removeTally: 'delete from tally where page_id = ?',
  /** page id */
  removePage: 'delete from page where id = ?',
  /** host id: one page less */
  takeFromHost: 'update host set pages = pages - 1 where id = ?',
  /** host id */
  removeEmptyHost: 'delete from host where id = ? and pages = 0',
  /** pages */
  addToRemoved: 'update file set removed_pages = removed_pages + ?',
}
