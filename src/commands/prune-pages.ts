import { setTimeout as pause } from 'node:timers/promises'
import { eachIdle as eachInPostgres } from '../database/postgres/idle.ts'
import { eachIdle } from '../database/sqlite/idle.ts'
import type { IdleRule, Ranked, Store } from '../store.ts'
import { firstHourKept, HOUR_MS } from '../time.ts'
import type { Pruning } from './prune.ts'
import { formatNumber, plural, quoted } from './usage.ts'

/** Pages checked at once, and the pause after some were removed, in ms: a running service goes first. */
const SLICE = 200
const PAUSE_MS = 10
/** Pages that a dry run lists. */
const EXAMPLES = 10

/** Removes pages with few hits and no recent visits. A dry run only lists them. */
export async function prunePages(
  { below, idleDays }: { below: number; idleDays: number },
  { dryRun, json, databaseFile, databaseUrl, name, now, print, withStore }: Pruning,
): Promise<void> {
  const rule = { below, beforeHour: firstHourKept(idleDays, now) }
  const since = new Date(rule.beforeHour * HOUR_MS).toISOString().slice(0, 10)
  const which = `with fewer than ${plural(below, 'hit')}, and no visit since ${since}`
  if (!dryRun) {
    const removed = await withStore((store) => removeAll(store, rule))
    if (json) return print(JSON.stringify({ removed: { pages: removed }, database: name }))
    print(`removed ${plural(removed, 'page')} ${which}`)
    print(`from ${name}`)
    return
  }
  const idle =
    databaseUrl === undefined
      ? eachIdle(databaseFile, rule, SLICE)
      : eachInPostgres(databaseUrl, rule, SLICE)
  let found = 0
  const examples: Ranked[] = []
  for await (const page of idle) {
    found += 1
    if (examples.length < EXAMPLES) examples.push(page)
  }
  if (json)
    return print(JSON.stringify({ wouldRemove: { pages: found }, examples, database: name }))
  print(`would remove ${plural(found, 'page')} ${which}`)
  for (const page of examples) print(`  ${quoted(page.name)} (${formatNumber(page.hits)} hits)`)
  if (found > examples.length) print(`  and ${formatNumber(found - examples.length)} more`)
  print(`in ${name}`)
}

async function removeAll(store: Store, rule: IdleRule): Promise<number> {
  let sum = 0
  for (let after: string | null = ''; after !== null; ) {
    const { next, removed } = await store.removeIdle(rule, { after, pages: SLICE })
    sum += removed
    if (removed > 0) await pause(PAUSE_MS)
    after = next
  }
  return sum
}
