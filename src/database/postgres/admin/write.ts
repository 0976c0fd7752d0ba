import { randomUUID } from 'node:crypto'
import type { ChangedPage, Deed } from '../../../admin.ts'
import { answerOf, changedPages, type MadeChange } from '../../make-changes.ts'
import { slicesOf } from '../../slices.ts'
import { all, type Client, run, type Statement } from '../connection.ts'
import { addToHostHistories, addToHostNumbers, takeFromHostHistories } from '../host-counters.ts'
import { addToHosts, hashOf, list, type PageHash } from '../pages.ts'
import { addEntries, storable } from './audit.ts'
import type { Move, PlannedPage, PlannedPages } from './planned-pages.ts'
import type { StoredPage } from './stored.ts'

/** Pages whose histories one statement moves: some hundred thousand rows at most. */
const SLICE_PAGES = 100

/** Writes what becomes of pages, and the entries of the audit log, within a transaction that nothing else disturbs. */
export async function writeChanges(
  client: Client,
  made: readonly MadeChange<PlannedPage>[],
  pages: PlannedPages,
  deed: Deed,
): Promise<ChangedPage[]> {
  const [row] = await run(client, ['raiseVersion', 'pages', made.length])
  const first = Number(row?.[0]) - made.length + 1
  for (const [index, { page }] of made.entries()) {
    page.version = first + index
    page.log ??= page.version
  }
  const changed = changedPages(made)
  for (const statement of historyStatements(pages)) await run(client, statement)
  const statements = [
    ...pageStatements(changed, pages.gone),
    ...aliasStatements(pages),
    ...hostStatements(pages),
  ]
  const entries = made.map(({ page, ...entry }) => ({ ...entry, log: page.log }))
  await all<unknown>([
    ...statements.map((statement) => run(client, statement)),
    addEntries(client, deed, entries),
  ])
  await addToHostNumbers(client, pages.hostNumbers)
  // Last, because it removes the counters of hosts that have no pages any more.
  await run(client, ['removeEmptyHosts', [...pages.hosts.keys()]])
  return changed.map(answerOf)
}

/** To be run one after the other, because each has its own time limit. */
function historyStatements({
  takenHours,
  histories,
  hostHistories: { lost, gained },
  moves,
}: PlannedPages): Statement[] {
  const statements = [...slicesOf(lost, SLICE_PAGES)].flatMap(takeFromHostHistories)
  if (takenHours.length > 0) {
    const [pages, hours] = [takenHours.map(({ page }) => page), takenHours.map(({ hour }) => hour)]
    statements.push(['takeHours', list(pages), list(hours)])
  }
  for (const slice of slicesOf(gained, SLICE_PAGES)) statements.push(...addToHostHistories(slice))
  for (const step of inSteps(histories)) {
    for (const slice of slicesOf(step, SLICE_PAGES)) {
      for (const name of ['moveMinutes', 'moveHours', 'moveDays', 'moveOutcomes'] as const)
        statements.push([name, ...columnsOf(slice)])
    }
  }
  for (const step of inSteps(moves)) {
    for (const name of ['moveImported', 'moveAliases'] as const)
      statements.push([name, ...columnsOf(step)])
  }
  return statements
}

function pageStatements(changed: readonly StoredPage[], gone: readonly PageHash[]): Statement[] {
  const names = changed.map(({ hash }) => hash)
  const removed = changed.flatMap((page) => (page.removed ? { ...page.removed, page } : []))
  return [
    ['removePageRows', list(gone)],
    [
      'setPages',
      list(names),
      changed.map(({ key }) => key),
      list(changed.map(({ made }) => made ?? 'null')),
      list(changed.map(({ version }) => version)),
      list(changed.map(({ log }) => log ?? 'null')),
    ],
    ['setTallies', list(names), list(changed.map(({ hits }) => hits))],
    ['restorePages', list([...gone, ...names])],
    [
      'addRemoved',
      list(removed.map(({ page }) => page.hash)),
      removed.map(({ actor }) => storable(actor)),
      removed.map(({ reason }) => storable(reason)),
      list(removed.map(({ at }) => at)),
    ],
  ]
}

function aliasStatements({ aliases: { changed, now } }: PlannedPages): Statement[] {
  if (changed.length === 0) return []
  const keys = now.map(({ key }) => key)
  const pages = now.map(({ page }) => page)
  return [
    ['removeAliases', list(changed)],
    ['addAliases', list(keys.map(hashOf)), keys, list(pages)],
  ]
}

function hostStatements({ hosts }: PlannedPages): Statement[] {
  return hosts.size === 0 ? [] : [addToHosts(hosts)]
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
  const direct = moves.map(({ from, to }) => ({ from: detours.get(from) ?? from, to }))
  return detours.size === 0 ? [direct] : [[...detours].map(([from, to]) => ({ from, to })), direct]
}
