import type { PageKey } from '../../page.ts'
import type { IdleRule, Ranked, Slice } from '../../store.ts'
import { DAY_HOURS } from '../../time.ts'
import {
  all,
  type Client,
  COMMAND_ANSWER_MS,
  Connection,
  run,
  type Statement,
} from './connection.ts'
import type { HousekeepingParts } from './history.ts'
import { addToHostNumbers, alignHistories, takeFromHostHistories } from './host-counters.ts'
import {
  addToHosts,
  countByHost,
  counterOf,
  DRY_RUN_PAGES,
  list,
  type PageHash,
  readSlice,
} from './pages.ts'

const findIdleStatement = (
  { below, beforeHour }: IdleRule,
  names: readonly string[],
): Statement => ['findIdle', list(names), below, beforeHour, beforeHour / DAY_HOURS]

/** Finds the idle pages of a slice. */
async function findIdle(link: Connection, rule: IdleRule, slice: Slice) {
  const { names, next } = await readSlice(link, slice)
  const [found = []] = names.length === 0 ? [] : await link.run(findIdleStatement(rule, names))
  return { next, idle: found as [hash: string, name: string, hits: number][] }
}

/**
 * `removeIdle` of `Store`. Services notice a removal within a second. A hit before that is counted, but the page is
 * missing from lists until the hit after it.
 * @param rollUpAll rolls up the journal of all services
 */
export function idleRemover(
  { link, transactions, pages, clock }: HousekeepingParts,
  rollUpAll: (now: number) => Promise<void>,
) {
  async function remove(client: Client, rule: IdleRule, names: readonly string[]): Promise<number> {
    await run(client, ['lockHosts'])
    // Locks the rows of `tally`, and makes missing ones to lock. From here on, other transactions cannot count hits to
    // these pages, and the hits that they have counted are visible.
    await run(client, ['addToTallies', list(names), list(names.map(() => 0))])
    const [name, ...parameters] = findIdleStatement(rule, names)
    const found = await run(client, [name, ...parameters])
    if (found.length === 0) return 0
    const ofHosts = new Map<PageHash, bigint>()
    const taken = found.map(([page, key, hits]) => {
      const host = counterOf(key as PageKey)
      ofHosts.set(host, (ofHosts.get(host) ?? 0n) - BigInt(Number(hits)))
      return { page: page as PageHash, host }
    })
    await alignHistories(client, [...taken.map(({ page }) => page), ...ofHosts.keys()])
    const removed = countByHost(found.map(([, key]) => key as PageKey))
    const changes = new Map([...removed].map(([host, pages]) => [host, -pages]))
    await all([
      ...takeFromHostHistories(taken).map((statement) => run(client, statement)),
      run(client, ['removePages', list(found.map(([hash]) => hash as string))]),
      run(client, addToHosts(changes)),
    ])
    await addToHostNumbers(client, ofHosts)
    await run(client, ['removeEmptyHosts', [...removed.keys()]])
    return found.length
  }

  return async (
    rule: IdleRule,
    slice: Slice,
  ): Promise<{ next: string | null; removed: number }> => {
    if (slice.after === '') await rollUpAll(clock())
    const { next, idle } = await findIdle(link, rule, slice)
    if (idle.length === 0) return { next, removed: 0 }
    const names = idle.map(([hash]) => hash)
    const removed = await transactions.run(clock(), (client) => remove(client, rule, names), {
      lock: ['lockRemovals', 1],
    })
    pages.forget()
    return { next, removed }
  }
}

/** Finds the idle pages of a database, which is only read. */
export async function findIdlePages(
  url: string,
  rule: IdleRule,
  onFound: (page: Ranked) => void,
): Promise<void> {
  const link = new Connection(url, { answerMs: COMMAND_ANSWER_MS })
  try {
    for (let after: string | null = ''; after !== null; ) {
      const { next, idle } = await findIdle(link, rule, { after, pages: DRY_RUN_PAGES })
      for (const [, name, hits] of idle) onFound({ name, hits })
      after = next
    }
  } finally {
    await link.close()
  }
}
