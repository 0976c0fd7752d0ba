import { openDatabase } from '../src/database/sqlite/open.ts'
import type { PageKey } from '../src/page.ts'
import { DAY_HOURS, HOUR_MS } from '../src/time.ts'
import { manyRules } from '../test/harness/many-rules.ts'

/** The key of an ordinary page, some 30 characters. */
export const page = (number: number) => `site${number}.example/posts/${number}` as PageKey
/** One of the 1,000 pages with the same names in each seeded database, spread among the others. */
export const hotPage = (number: number) => `hot${number}.example/posts/hot` as PageKey

/** Fills a new database with so many pages, each with a hit; the hot ones are spread evenly among them. */
export async function seed(file: string, pages: number): Promise<void> {
  const driver = await openDatabase(file)
  const addHost = driver.prepare('insert into host (id, name, pages) values (?, ?, 1)')
  const addPage = driver.prepare('insert into page (id, key, host_id) values (?, ?, ?)')
  const addTally = driver.prepare('insert into tally (page_id, hits) values (?, 1)')
  const step = Math.max(1, Math.floor(pages / 1000))
  driver.pragma('synchronous = off')
  driver.exec('begin')
  for (let id = 1; id <= pages; id++) {
    const key = pages > 1000 && id % step === 0 ? hotPage(id / step - 1) : page(id - 1)
    addHost.run(id, key.split('/', 1)[0])
    addPage.run(id, key, id)
    for (const counter of [id, -id]) addTally.run(counter)
  }
  driver.exec('commit')
  driver.close()
}

/** The hosts among which `seedHosts` spreads pages. */
const HOSTS = 50_000
/** The host of such a page, and its key. */
export const hostOfPage = (number: number) => `site${number % HOSTS}.example`
export const pageOfHost = (number: number) => `${hostOfPage(number)}/posts/${number}` as PageKey

/** Fills a new database with so many pages of 50,000 hosts, each with hits in two hours of the last days and on an earlier day. */
export async function seedHosts(file: string, pages: number): Promise<void> {
  const driver = await openDatabase(file)
  const hour = Math.floor(Date.now() / HOUR_MS)
  const run = (statement: string, ...parameters: (number | bigint)[]) =>
    driver.prepare(statement).run(...parameters.map(BigInt))
  driver.pragma('synchronous = off')
  driver.exec('begin')
  const numbers =
    'with recursive all_numbers (n) as (select 0 union all select n + 1 from all_numbers where n < ? - 1)'
  run(
    `insert into host (id, name, pages)
    ${numbers} select n + 1, 'site' || n || '.example', ? from all_numbers`,
    ...[Math.min(HOSTS, pages), Math.ceil(pages / HOSTS)],
  )
  run(
    `insert into page (id, key, host_id)
    ${numbers} select n + 1, 'site' || (n % ${HOSTS}) || '.example/posts/' || n, n % ${HOSTS} + 1 from all_numbers`,
    pages,
  )
  for (const ago of [30, 1]) {
    run(
      `insert into page_hour (page_id, hour, hits)
      select id, ? - (id * 7919 % 20), 1 + id * 31 % 7 from page where true
      on conflict (page_id, hour) do update set hits = hits + excluded.hits`,
      hour - ago,
    )
  }
  run(
    `insert into page_day (page_id, day, hits) select id, ? - (id * 104729 % 300), 1 + id * 31 % 50 from page`,
    Math.floor(hour / DAY_HOURS) - 9,
  )
  for (const [table, period] of [
    ['page_hour', 'hour'],
    ['page_day', 'day'],
  ] as const) {
    run(
      `insert into ${table} (page_id, ${period}, hits)
      select -host_id as host, ${period}, sum(hits) from ${table} join page on page.id = page_id
      group by host, ${period}`,
    )
  }
  run(
    `insert into tally (page_id, hits) select page_id, sum(hits) from (
      select page_id, hits from page_hour union all select page_id, hits from page_day
    ) group by page_id`,
  )
  driver.exec('commit')
  driver.close()
}

/** Adds rules of every kind to a database; none of them is for the pages and visits of the bench. */
export async function seedRules(file: string, rules: number): Promise<void> {
  const driver = await openDatabase(file)
  const add = driver.prepare(
    'insert into rule (kind, pattern, replacement, ends_at, actor, reason, at) values (?, ?, ?, null, ?, ?, ?)',
  )
  driver.exec('begin')
  for (const { kind, pattern, replacement, actor, reason, at } of manyRules(rules)) {
    add.run(kind, pattern, replacement, actor, reason, at)
  }
  driver.exec('commit')
  driver.close()
}
