import { openDatabase } from '../src/database/sqlite/open.ts'
import type { PageKey } from '../src/page.ts'
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
