import type { Administration, Change, ChangeAction, ChangedPage, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { checkChanges, wasChanged } from '../../changes.ts'
import { type MadeChange, makeChanges, OtherVersion } from '../../make-changes.ts'
import type { PageLimits } from '../../options.ts'
import { all, type Client, type Connection, type Row, run, type Statement } from '../connection.ts'
import { alignHistories } from '../host-counters.ts'
import { counterOf, hashOf, list, type Pages } from '../pages.ts'
import type { Transactions } from '../transaction.ts'
import { lastEntry } from './audit.ts'
import { type PlannedPage, PlannedPages } from './planned-pages.ts'
import { addressesOf, readStored } from './stored.ts'
import { writeChanges } from './write.ts'

/** Pages that housekeeping purges in one transaction, for which visitors wait. */
const PURGED_PAGES = 50

const findPages = (client: Client, addresses: readonly PageKey[]) =>
  run(client, ['findPages', list(addresses.map(hashOf))])

export interface ChangerParts {
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
      const found = await (lock ? findAndAlign(client, addresses) : lockNumbers(client, addresses))
      const stored = await readStored(client, changes, found)
      const planned = new PlannedPages(addresses, stored, limits)
      const made = await plan(client, changes, deed, planned)
      const answer = await writeChanges(client, made, planned, deed)
      const [row] = await run(client, ['removals'])
      return { answer, removals: Number(row?.[0]) }
    }
    const options = lock ? { lock } : {}
    const { answer, removals } = await transactions.run(deed.at, work, options)
    if (lock) pages.notice(removals)
    return answer
  }

  /** Finds the pages, and brings their histories and those of all hosts into the same form. */
  async function findAndAlign(client: Client, addresses: readonly PageKey[]): Promise<Row[]> {
    await run(client, ['rollUpJournals'])
    const found = await findPages(client, addresses)
    const keys = [...addresses, ...found.map(([, , , key]) => key as PageKey)]
    const names = [...found.map(([, page]) => String(page)), ...keys.map(counterOf)]
    await alignHistories(client, [...new Set(names)])
    return found
  }

  /** Locks the pages' rows of `tally`, making those that do not exist, and finds the pages. */
  async function lockNumbers(client: Client, addresses: readonly PageKey[]): Promise<Row[]> {
    let found = await findPages(client, addresses)
    if (found.length < addresses.length) {
      // Some pages will be made.
      await run(client, ['lockHosts'])
      found = await findPages(client, addresses)
    }
    const names = [...new Set(found.map(([, page]) => String(page)))].sort()
    await run(client, ['addToTallies', list(names), list(names.map(() => 0))])
    return found
  }

  async function plan(
    client: Client,
    changes: readonly Change[],
    deed: Deed,
    pages: PlannedPages,
  ): Promise<MadeChange<PlannedPage>[]> {
    try {
      return makeChanges(changes, deed, pages)
    } catch (error) {
      if (!(error instanceof OtherVersion)) throw error
      const { log = null } = error.page ?? {}
      throw wasChanged(error, log === null ? undefined : await lastEntry(client, log))
    }
  }

  const change: Administration['change'] = async (changes, deed) => {
    checkChanges(changes)
    if (changes.length === 0) return []
    const areAll = (...actions: ChangeAction[]) =>
      changes.every(({ action }) => actions.includes(action))
    // Hits are counted while numbers change.
    if (areAll('set', 'add')) return make(deed, undefined, async () => changes)
    const keepsAddresses = areAll('set', 'add', 'reset', 'take-back')
    return make(deed, ['lockRemovals', keepsAddresses ? 0 : 1], async () => changes)
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
