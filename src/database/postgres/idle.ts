import { DAY_HOURS, HOUR_MS } from '../../hours.ts'
import { hostOf, type PageKey } from '../../page.ts'
import type { IdleRule, Ranked, Slice } from '../../store.ts'
import { all, type Client, Connection, type Row, run, type Statement } from './connection.ts'
import { reading } from './open.ts'
import { ALL_PAGES, list, type Pages } from './pages.ts'
import { FIRST } from './rollup.ts'
import type { Transactions } from './transaction.ts'

/** How long a slice may take, in ms. */
const ANSWER_MS = 60_000

const statement = ({ below, beforeHour }: IdleRule, names: readonly string[]): Statement => [
  'findIdle',
  list(names),
  below,
  beforeHour,
  beforeHour / DAY_HOURS,
]

/** Finds the pages of a slice that have few hits and were not visited for a while. */
async function findIdle(
  link: Connection,
  rule: IdleRule,
  { after, pages }: Slice,
): Promise<{ next: string | null; idle: (Ranked & { hash: string })[] }> {
  const [rows = []] = await link.run(['pagesAfter', after || FIRST, pages])
  const names = rows.map(([name]) => name as string)
  const [found = []] = names.length === 0 ? [] : await link.run(statement(rule, names))
  const next = names.length < pages ? null : (names.at(-1) as string)
  const idle = found.map(
    ([hash, name, hits]) => ({ hash, name, hits }) as Ranked & { hash: string },
  )
  return { next, idle }
}

export interface IdleParts {
  link: Connection
  transactions: Transactions
  pages: Pages
  /** Adds to its minutes what services that have ended left in the journal. */
  rollUpOrphans(): Promise<void>
}

/**
 * Removes such pages; see `Store`. A service that knows a page looks for it again within a second; a hit until then is
 * counted, and its page is listed again from the next one on.
 */
export function idleRemover({ link, transactions, pages, rollUpOrphans }: IdleParts) {
  async function remove(client: Client, rule: IdleRule, names: readonly string[]): Promise<number> {
    await run(client, ['lockHosts'])
    // Whoever counts one of them waits from here on, also where it has no number yet; what was counted before is seen.
    await run(client, ['addToTallies', list(names), list(names.map(() => 0))])
    const [name, ...parameters] = statement(rule, names)
    const found = await run(client, [name, ...parameters])
    if (found.length === 0) return 0
    const hosts = new Map([[ALL_PAGES, -found.length]])
    for (const [, key] of found as Row[]) {
      const host = hostOf(key as PageKey)
      hosts.set(host, (hosts.get(host) ?? 0) - 1)
    }
    const hostNames = [...hosts.keys()].sort()
    await all([
      run(client, ['removePages', list(found.map(([hash]) => hash as string))]),
      run(client, [
        'addToHosts',
        hostNames,
        list(hostNames.map((each) => hosts.get(each) as number)),
      ]),
      run(client, ['removeEmptyHosts', hostNames]),
      run(client, ['tellRemoval']),
    ])
    return found.length
  }

  return async (
    rule: IdleRule,
    slice: Slice,
  ): Promise<{ next: string | null; removed: number }> => {
    if (slice.after === '') await rollUpOrphans()
    const { next, idle } = await findIdle(link, rule, slice)
    if (idle.length === 0) return { next, removed: 0 }
    const names = idle.map(({ hash }) => hash)
    const removed = await transactions.run(rule.beforeHour * HOUR_MS, (client) =>
      remove(client, rule, names),
    )
    pages.forget()
    return { next, removed }
  }
}

/**
 * The idle pages of a database, which is only read; so many pages are looked at together.
 * @throws what the driver throws, also where the database was not made by this version
 */
export async function* eachIdle(
  url: string,
  rule: IdleRule,
  slice: number,
): AsyncGenerator<Ranked> {
  const link = new Connection(url, reading(ANSWER_MS), { answerMs: ANSWER_MS })
  try {
    for (let after: string | null = ''; after !== null; ) {
      const { next, idle } = await findIdle(link, rule, { after, pages: slice })
      yield* idle
      after = next
    }
  } finally {
    await link.close()
  }
}
