/** The statements of the operator's commands; see queries.ts. */
export const OPERATOR_QUERIES = {
  /** name, now: holds up whoever else does the same, until the transaction ends */
  holdUp: `
    insert into chore (name, at) values ($1, $2)
    on conflict (name) do update set at = excluded.at`,
  /** pages, hits */
  addToTallies: `
    insert into tally (page, hits) select * from unnest($1::uuid[], $2::bigint[])
    on conflict (page) do update set hits = tally.hits + excluded.hits`,
  /** source, pages → page, hits */
  readImported: `
    select page, hits from imported where source = $1 and page = any($2::uuid[])`,
  /** sources, pages, hits: where there are some, the greater of both are kept */
  setImported: `
    insert into imported (source, page, hits) select * from unnest($1::text[], $2::uuid[], $3::bigint[])
    on conflict (source, page) do update set hits = excluded.hits where imported.hits < excluded.hits`,
  /** source, pages → page, hits, until, and the lists of its history */
  readMoved: `
    select page, hits, until, whats::text, hours::text, visits::text
    from moved where source = $1 and page = any($2::uuid[])`,
  /** source; pages, hits, untils, and the lists of their histories */
  setMoved: `
    insert into moved (source, page, hits, until, whats, hours, visits)
    select $1, page, hits, until, whats::text[], hours::bigint[], visits::bigint[]
    from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])
      as brought (page, hits, until, whats, hours, visits)
    on conflict (source, page) do update
    set hits = excluded.hits, until = excluded.until,
      whats = excluded.whats, hours = excluded.hours, visits = excluded.visits`,
  /** block, owner, pages, secrets, how early they end, end */
  setTokens: `
    insert into token (block, owner, pages, secrets, early, ends_at)
    values ($1, $2, $3::uuid[], $4::text[], $5::integer[], $6)
    on conflict (block, owner) do update
    set pages = excluded.pages, secrets = excluded.secrets,
      early = excluded.early, ends_at = excluded.ends_at`,
}
