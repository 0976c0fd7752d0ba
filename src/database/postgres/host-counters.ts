import { DAY_HOURS } from '../../time.ts'
import { MAX_SUM } from '../options.ts'
import { all, type Client, type Row, run, type Statement } from './connection.ts'
import { list, type PageHash } from './pages.ts'

/**
 * Up to when history may have been rolled up or pruned. Pages and hosts are, by slices, so one of two may be ahead of the
 * other.
 */
const BOUNDS = ['minutes-before', 'hours-before', 'pruned-before'] as const
type Bound = (typeof BOUNDS)[number]

/** Notes that history is going to be rolled up or pruned up to a time, in minutes or hours. */
export const raiseBound = (bound: Bound, time: number): Statement => [
  'raiseBounds',
  [bound],
  list([time]),
]

/**
 * Brings histories to the form that old ones have, within a transaction that nothing disturbs. Then pages and counters of
 * hosts have the same periods.
 */
export async function alignHistories(client: Client, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const rows: Row[] = await run(client, ['readBounds', BOUNDS])
  const bounds = new Map(rows.map(([name, at]) => [name as Bound, Number(at)]))
  const [minute, hour, pruned] = BOUNDS.map((name) => bounds.get(name))
  const pages = list(names)
  const statements: Statement[] = []
  if (minute !== undefined) statements.push(['rollUpMinutesOf', pages, minute])
  if (hour !== undefined)
    statements.push(['rollUpHours', pages, hour], ['rollUpOutcomes', pages, hour])
  if (pruned !== undefined) statements.push(['prune', pages, pruned, pruned / DAY_HOURS])
  await all(statements.map((statement) => run(client, statement)))
}

/** The history of a page that begins or ends to belong to a host, by the names of both. */
export interface HostChange {
  page: PageHash
  host: PageHash
}

const columnsOf = (changes: readonly HostChange[]) => [
  list(changes.map(({ page }) => page)),
  list(changes.map(({ host }) => host)),
]

/** Adds the histories of pages to their hosts. */
export function addToHostHistories(changes: readonly HostChange[]): Statement[] {
  if (changes.length === 0) return []
  const names = [
    'addMinutesToHosts',
    'addHoursToHosts',
    'addDaysToHosts',
    'addOutcomesToHosts',
  ] as const
  return names.map((name) => [name, ...columnsOf(changes)])
}

/** Takes the histories of pages, which are aligned, from their hosts. */
export function takeFromHostHistories(changes: readonly HostChange[]): Statement[] {
  if (changes.length === 0) return []
  const names = [
    'takeMinutesFromHosts',
    'takeHoursFromHosts',
    'takeDaysFromHosts',
    'takeOutcomesFromHosts',
  ] as const
  return [
    ...names.map((name): Statement => [name, ...columnsOf(changes)]),
    ['dropEmptyOfHosts', list(new Set(changes.map(({ host }) => host)))],
  ]
}

/**
 * Adds to the numbers of hosts, within a transaction that has locked the numbers of the pages that change, and has changed
 * them. The order is that of batches.
 */
export async function addToHostNumbers(
  client: Client,
  changes: ReadonlyMap<PageHash, bigint>,
): Promise<void> {
  const hosts = [...changes.keys()].filter((host) => changes.get(host) !== 0n).sort()
  if (hosts.length === 0) return
  const rows = await run(client, ['lockHostNumbers', list(hosts)])
  const before = new Map(rows.map(([host, hits]) => [host as PageHash, BigInt(String(hits))]))
  const isTooLarge = (host: PageHash) => {
    const hits = before.get(host) ?? 0n
    return hits >= MAX_SUM || hits + (changes.get(host) as bigint) >= MAX_SUM
  }
  const { large = [], small = [] } = Object.groupBy(hosts, (host) =>
    isTooLarge(host) ? 'large' : 'small',
  )
  const add = (to: readonly PageHash[], hits: readonly (bigint | number)[]) =>
    run(client, ['addToTallies', list(to), list(hits.map(String))])
  await add(
    small,
    small.map((host) => changes.get(host) as bigint),
  )
  if (large.length === 0) return
  // So that each has a row.
  await add(
    large,
    large.map(() => 0),
  )
  await run(client, ['recountHosts', list(large)])
}
