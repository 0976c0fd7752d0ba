import { sql } from 'kysely'
import { siteKey } from '../../site.ts'
import { DAY_HOURS } from '../../time.ts'
import { fillHosts } from '../postgres/fill-hosts.ts'
import { BLOCK } from '../postgres/hits.ts'
import { FIRST_HOST } from '../postgres/host-queries.ts'
import { type Database, openMigrated, query } from '../postgres/open.ts'
import { ALL_PAGES, countByHost, hashOf } from '../postgres/pages.ts'
import type { Queries } from '../postgres/queries.ts'
import { countAdministration, writeAdministration } from './administration.ts'
import type { Source, SourcePage, SourceToken, Sums } from './source.ts'

/** Pages, and rows of their histories, that one statement writes. */
const SLICE_PAGES = 1000
const SLICE_ROWS = 20_000
/** How much earlier than its row a token may end, in ms: the range of PostgreSQL's integer. */
const MAX_EARLY = 2 ** 31

/** The PostgreSQL database already has pages. */
export class NotEmpty extends Error {}

/**
 * Copies a database file into an empty PostgreSQL database, in one transaction: all of it or nothing.
 * @param now milliseconds since 1970, UTC: tokens that have ended are not copied
 * @param onProgress called with the number of pages that are copied
 * @param check called with the sums of both databases. If it throws, nothing is copied
 * @throws NotEmpty, what `check` throws, and what the driver throws
 */
export async function copyToPostgres(
  url: string,
  source: Source,
  now: number,
  onProgress: (pages: number) => void,
  check: (source: Sums, target: Sums, tokens: number) => void,
): Promise<void> {
  const db = await openMigrated(url)
  try {
    await db.transaction().execute(async (target) => {
      await blockServices(target)
      let copied = 0
      const hosts = new Map<string, number>()
      for (const pages of inSlices(source.pages())) {
        await writePages(target, pages)
        copied += pages.length
        for (const [host, count] of countByHost(pages.map(({ key }) => key)))
          hosts.set(host, (hosts.get(host) ?? 0) + count)
        onProgress(copied)
      }
      const names = [...hosts.keys()]
      const counters = names.map((host) => (host === ALL_PAGES ? null : hashOf(siteKey(host))))
      await query(target, 'addToHosts', names, [...hosts.values()], counters)
      await writeAdministration(target, source.administration)
      await fillHosts(target, names)
      const tokens = await writeTokens(target, source.tokens(now))
      check(source.sums(), await readSums(target), tokens)
    })
  } finally {
    await db.destroy()
  }
}

/**
 * Blocks services until the copy is done, so that nothing is counted before: those that start wait for the row of
 * `migration_lock`, and those that are running wait for the row of `host` before they make a page.
 */
async function blockServices(target: Database): Promise<void> {
  await sql`select id from migration_lock for update`.execute(target)
  await sql`
    insert into host (name, pages) values (${ALL_PAGES}, 0)
    on conflict (name) do update set pages = host.pages`.execute(target)
  const { rows: pages } = await sql`select hash from page limit 1`.execute(target)
  if (pages.length > 0) throw new NotEmpty('it has pages already')
}

function* inSlices(pages: Iterable<SourcePage>): Generator<SourcePage[]> {
  let slice: SourcePage[] = []
  let rows = 0
  for (const page of pages) {
    slice.push(page)
    rows += page.history.length
    if (slice.length < SLICE_PAGES && rows < SLICE_ROWS) continue
    yield slice
    slice = []
    rows = 0
  }
  if (slice.length > 0) yield slice
}

async function writePages(target: Database, pages: readonly SourcePage[]): Promise<void> {
  const named = pages.map((page) => ({ ...page, hash: hashOf(page.key) }))
  const history = named.flatMap(({ hash, history: rows }) => rows.map((row) => ({ hash, ...row })))
  const hours = history.filter(({ outcome }) => outcome === 'counted')
  const days = history.filter(({ outcome }) => outcome === 'day')
  const others = history.filter(({ outcome }) => outcome !== 'counted' && outcome !== 'day')
  const inserts: [name: keyof Queries, rows: unknown[][]][] = [
    ['addPages', named.map(({ hash, key }) => [hash, key])],
    ['addToTallies', named.filter(({ hits }) => hits > 0).map(({ hash, hits }) => [hash, hits])],
    ['addHours', hours.map(({ hash, hour, visits }) => [hash, hour, visits])],
    ['addDays', days.map(({ hash, hour, visits }) => [hash, Math.floor(hour / DAY_HOURS), visits])],
    ['addOutcomes', others.map(({ hash, hour, outcome, visits }) => [hash, hour, outcome, visits])],
    [
      'setImported',
      named.flatMap(({ hash, imported }) => imported.map(([from, hits]) => [from, hash, hits])),
    ],
  ]
  for (const [name, rows] of inserts)
    if (rows.length > 0) await query(target, name, ...columnsOf(rows))
}

/** The columns of rows, of which there is at least one. */
const columnsOf = (rows: readonly unknown[][]) =>
  (rows[0] as unknown[]).map((_, column) => rows.map((row) => row[column]))

/**
 * Writes tokens with the ids that are in the visitors' cookies. An id determines a token's row and its place in the row.
 * @returns the number of tokens
 */
async function writeTokens(target: Database, tokens: Iterable<SourceToken>): Promise<number> {
  let written = 0
  for (const row of inRows(tokens)) {
    written += row.length
    await writeTokenRow(target, row)
  }
  return written
}

/** The tokens of each block, divided into rows whose tokens end within `MAX_EARLY` of each other. */
function* inRows(tokens: Iterable<SourceToken>): Generator<SourceToken[]> {
  let block = -1
  let rows = new Map<number, SourceToken[]>()
  for (const token of tokens) {
    if (blockOf(token) !== block) {
      yield* rows.values()
      rows = new Map()
      block = blockOf(token)
    }
    const span = Math.floor(token.endsAt / MAX_EARLY)
    const row = rows.get(span)
    if (row) row.push(token)
    else rows.set(span, [token])
  }
  yield* rows.values()
}

const blockOf = ({ id }: SourceToken) => Math.floor(id / BLOCK)

/** The places of tokens that are not copied are null. */
async function writeTokenRow(target: Database, tokens: readonly SourceToken[]): Promise<void> {
  const block = blockOf(tokens[0] as SourceToken)
  const end = Math.max(...tokens.map(({ endsAt }) => endsAt))
  const places = new Map(tokens.map((token) => [token.id % BLOCK, token]))
  const rows = Array.from({ length: Math.max(...places.keys()) + 1 }, (_, place) => {
    const token = places.get(place)
    return token ? [hashOf(token.page), token.secret, end - token.endsAt] : [null, null, null]
  })
  const [pages, secrets, early] = columnsOf(rows)
  await sql`insert into token (block, owner, pages, secrets, early, ends_at)
    values (${block}, gen_random_uuid(), ${pages}, ${secrets}, ${early}, ${end})`.execute(target)
}

/** The sums of the copy. */
async function readSums(db: Database): Promise<Sums> {
  const { rows } = await sql<Pick<Sums, 'pages' | 'hits'>>`
    select (select count(*) from page) as pages,
      (select coalesce(sum(hits), 0) from tally where page < ${FIRST_HOST})::bigint as hits`.execute(
    db,
  )
  const { rows: visits } = await sql<{ outcome: string; visits: number }>`
    select 'counted' as outcome, (
      (select coalesce(sum(hits), 0) from page_hour where page < ${FIRST_HOST}) +
      (select coalesce(sum(hits), 0) from page_day where page < ${FIRST_HOST})
    )::bigint as visits
    union all
    select outcome, sum(visits)::bigint from page_outcome where page < ${FIRST_HOST} group by outcome`.execute(
    db,
  )
  const [{ pages, hits }] = rows as [Pick<Sums, 'pages' | 'hits'>]
  return {
    ...{ pages, hits, visits: new Map(visits.map((row) => [row.outcome, row.visits])) },
    administration: await countAdministration(db),
  }
}
