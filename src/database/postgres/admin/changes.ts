import { randomUUID } from 'node:crypto'
import type { Administration, Change, ChangedPage, Deed } from '../../../admin.ts'
import { hostOf, type PageKey } from '../../../page.ts'
import { DAY_HOURS } from '../../../time.ts'
import { checkChanges, refusals } from '../../changes.ts'
import type { PageLimits } from '../../options.ts'
import { all, type Client, type Connection, type Row, run, type Statement } from '../connection.ts'
import { ALL_PAGES, addToHosts, hashOf, list, type PageHash, type Pages } from '../pages.ts'
import type { Transactions } from '../transaction.ts'
import { addEntries, lastEntry, storable } from './audit.ts'
import { addressesOf, hourOf, type Move, OtherVersion, Plan, type StoredPage } from './plan.ts'

/** Pages that housekeeping purges in one transaction. */
const PURGED_PAGES = 1000

/** Actions that change only numbers. Hits are counted meanwhile. */
const OF_NUMBERS = new Set<Change['action']>(['set', 'add'])
/** Further actions after which every address still stands for the same page. */
const OF_HISTORY = new Set<Change['action']>(['reset', 'take-back'])

interface ChangerParts {
  link: Connection
  transactions: Transactions
  pages: Pages
  limits: PageLimits
}

/**
 * `change` of `Administration`, and `purgeRemoved`.
 *
 * Two kinds of transactions make all numbers exact. If only numbers change, it locks the rows of the pages' tallies, in the
 * order of batches, as a batch does. Otherwise it locks the row behind which writers register, then fences all writers. The
 * fence waits for the transactions of all services that write. Those that come later fail, register again, which waits for
 * this transaction, and look up their pages again. So nothing else is written meanwhile, nobody writes what was looked up
 * before, and hits cost no more than without all this.
 */
export function pageChanger({ link, transactions, pages, limits }: ChangerParts) {
  async function make(
    deed: Deed,
    lock: Statement | undefined,
    changesOf: (client: Client) => Promise<readonly Change[]>,
  ): Promise<ChangedPage[]> {
    const work = async (client: Client) => {
      if (lock) await all([run(client, ['fenceAll']), run(client, ['lockHosts'])])
      const changes = await changesOf(client)
      const addresses = [...new Set(changes.flatMap(addressesOf))]
      const found = lock
        ? await rollUpAndFind(client, addresses)
        : await lockNumbers(client, addresses)
      const plan = await planChanges(client, changes, found, deed)
      await write(client, plan, changes.length, deed)
      const [[removals] = []] = await all([run(client, ['removals'])])
      return { answer: plan.answer, removals: removals?.[0] }
    }
    const options = lock ? { lock } : {}
    const { answer, removals } = await transactions.run(deed.at, work, options)
    if (lock) pages.notice(Number(removals))
    return answer
  }

  async function rollUpAndFind(client: Client, addresses: readonly PageKey[]): Promise<Row[]> {
    const [, found = []] = await all([
      run(client, ['rollUpJournals']),
      run(client, ['findPages', list(addresses.map(hashOf))]),
    ])
    return found
  }

  /** Locks the pages' rows of `tally`, making those that do not exist, and finds the pages. */
  async function lockNumbers(client: Client, addresses: readonly PageKey[]): Promise<Row[]> {
    const find = () => run(client, ['findPages', list(addresses.map(hashOf))])
    let found = await find()
    if (found.length < addresses.length) {
      // Some pages will be made.
      await run(client, ['lockHosts'])
      found = await find()
    }
    const names = [...new Set(found.map(([, page]) => String(page)))].sort()
    await run(client, ['addToTallies', list(names), list(names.map(() => 0))])
    return found
  }

  async function planChanges(
    client: Client,
    changes: readonly Change[],
    found: readonly Row[],
    deed: Deed,
  ): Promise<Plan> {
    const names = [...new Set(found.map(([, page]) => String(page)))]
    const hours = new Set(changes.flatMap((each) => (each.action === 'take-back' ? each.hour : [])))
    const days = new Set([...hours].map((hour) => Math.floor(hour / DAY_HOURS)))
    const [pageRows = [], hourRows = [], dayRows = []] = await all([
      run(client, ['readPages', list(names)]),
      ...(hours.size > 0
        ? [
            run(client, ['readHours', list(names), list(hours)]),
            run(client, ['readDays', list(names), list(days)]),
          ]
        : []),
    ])
    const stored = pageRows.map(storedPage)
    const keys = [...changes.flatMap(addressesOf), ...stored.map(({ key }) => key)]
    const hosts = await run(client, [
      'pagesOfHosts',
      [...new Set([ALL_PAGES, ...keys.map(hostOf)])],
    ])
    try {
      return new Plan(
        changes,
        {
          pages: stored,
          addresses: new Map(found as [PageHash, PageHash][]),
          hits: new Map(
            (hourRows as [PageHash, number, number][]).map(([page, hour, hits]) => [
              hourOf(page, hour),
              hits,
            ]),
          ),
          days: new Set((dayRows as [PageHash, number][]).map(([page, day]) => hourOf(page, day))),
          hosts: new Map(hosts as [string, number][]),
        },
        limits,
        deed,
      )
    } catch (error) {
      if (!(error instanceof OtherVersion)) throw error
      const last = error.page === null ? undefined : await lastEntry(client, error.page)
      throw refusals.changed(error.key, last)
    }
  }

  async function write(client: Client, plan: Plan, changes: number, deed: Deed): Promise<void> {
    const [version] = await run(client, ['raiseVersion', 'pages', changes])
    plan.setVersions(Number(version?.[0]) - changes)
    const { changed, gone, hosts, takenHours, changedAliases } = plan
    const names = list(changed.map(({ hash }) => hash))
    const removed = changed.flatMap(({ hash, removed }) => (removed ? { hash, removed } : []))
    const statements: Statement[] = [
      ...(takenHours.length > 0
        ? [
            [
              'takeHours',
              list(takenHours.map(({ page }) => page)),
              list(takenHours.map(({ hour }) => hour)),
            ] satisfies Statement,
          ]
        : []),
      ...inSteps(plan.histories).flatMap((moves) =>
        (['moveMinutes', 'moveHours', 'moveDays', 'moveOutcomes'] as const).map(
          (name): Statement => [name, ...columnsOf(moves)],
        ),
      ),
      ...inSteps(plan.moves).flatMap((moves): Statement[] => [
        ['moveImported', ...columnsOf(moves)],
        ['moveAliases', ...columnsOf(moves)],
      ]),
    ]
    if (gone.length > 0) statements.push(['removePageRows', list(gone)])
    statements.push(
      [
        'setPages',
        names,
        changed.map(({ key }) => key),
        list(changed.map(({ made }) => made ?? 'null')),
        list(changed.map(({ version }) => version)),
      ],
      ['setTallies', names, list(changed.map(({ hits }) => hits))],
      ['restorePages', list([...gone, ...changed.map(({ hash }) => hash)])],
    )
    if (removed.length > 0) {
      statements.push([
        'addRemoved',
        list(removed.map(({ hash }) => hash)),
        removed.map(({ removed }) => storable(removed.actor)),
        removed.map(({ removed }) => storable(removed.reason)),
        list(removed.map(({ removed }) => removed.at)),
      ])
    }
    if (changedAliases.removed.length > 0) {
      const { added } = changedAliases
      statements.push(
        ['removeAliases', list(changedAliases.removed)],
        [
          'addAliases',
          list(added.map(({ key }) => hashOf(key))),
          added.map(({ key }) => key),
          list(added.map(({ page }) => page)),
        ],
      )
    }
    if (hosts.size > 0) {
      statements.push(addToHosts(hosts), ['removeEmptyHosts', [...hosts.keys()]])
    }
    await all<unknown>([
      ...statements.map((statement) => run(client, statement)),
      addEntries(client, deed, plan.entries),
    ])
  }

  const change: Administration['change'] = async (changes, deed) => {
    checkChanges(changes)
    if (changes.length === 0) return []
    const isOf = (actions: ReadonlySet<Change['action']>) =>
      changes.every(({ action }) => actions.has(action))
    const isOfNumbers = isOf(OF_NUMBERS)
    const keepsAddresses = isOf(new Set([...OF_NUMBERS, ...OF_HISTORY]))
    const lock: Statement | undefined = isOfNumbers
      ? undefined
      : ['lockRemovals', keepsAddresses ? 0 : 1]
    return make(deed, lock, async () => changes)
  }

  const purgeRemoved: Administration['purgeRemoved'] = async (before, now) => {
    const [found = []] = await link.run(['removedBefore', before, 1])
    if (found.length === 0) return 0
    let purged = 0
    const reason = `removed before ${new Date(before).toISOString()}`
    const deed = { actor: 'housekeeping', reason, at: now }
    await make(deed, ['lockRemovals', 1], async (client) => {
      const rows = await run(client, ['removedBefore', before, PURGED_PAGES])
      purged = rows.length
      return rows.map(([key]) => ({ action: 'purge', page: key as PageKey }))
    })
    return purged
  }

  return { change, purgeRemoved }
}

/** @param row of the result of `readPages` */
export function storedPage([hash, key, hits, version, made, actor, reason, at]: Row): StoredPage {
  const isRemoved = actor !== null
  return {
    hash: hash as PageHash,
    key: key as PageKey,
    hits: Number(hits),
    version: Number(version),
    made: made as number | null,
    removed: isRemoved ? { actor: String(actor), reason: String(reason), at: Number(at) } : null,
  }
}

const columnsOf = (moves: readonly Move[]) => [
  list(moves.map(({ from }) => from)),
  list(moves.map(({ to }) => to ?? 'null')),
]

/**
 * Moves in one or two steps, in each of which no page is both moved and moved to. A page for which that does not hold is
 * first moved to a name that no page has.
 */
function inSteps(moves: readonly Move[]): Move[][] {
  if (moves.length === 0) return []
  const targets = new Set(moves.map(({ to }) => to))
  const detours = new Map<PageHash, PageHash>()
  for (const { from } of moves) if (targets.has(from)) detours.set(from, randomUUID() as PageHash)
  const second = moves.map(({ from, to }) => ({ from: detours.get(from) ?? from, to }))
  if (detours.size === 0) return [second]
  return [[...detours].map(([from, to]) => ({ from, to })), second]
}
