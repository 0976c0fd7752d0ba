import { type AuditEntry, type Change, MAX_HITS } from '../admin.ts'
import type { PageKey } from '../page.ts'
import { atPlace, Refusal } from '../refusal.ts'
import { HOUR_MS } from '../time.ts'

/** Changes in one call. */
const MAX_CHANGES = 10_000
/** Characters of a page's key in a sentence. */
const MAX_SHOWN = 100

/**
 * Refuses changes that cannot be made whatever the database contains.
 * @throws Refusal `bad_change`
 */
export function checkChanges(changes: readonly Change[]): void {
  if (changes.length > MAX_CHANGES) {
    throw badChange(
      `One call makes at most 10,000 changes, and this one has ${changes.length.toLocaleString('en')}: make several calls.`,
    )
  }
  mapChanges(changes, (change) => {
    const { page, ifVersion, action } = change
    if (ifVersion !== undefined && !isWhole(ifVersion))
      throw badChange(`The version of ${shown(page)} has to be a whole number.`)
    if (action === 'set' && !isWhole(change.hits)) {
      throw badChange(
        `The number for ${shown(page)} has to be whole, and from 0 to ${MAX_HITS.toLocaleString('en')}.`,
      )
    }
    if (action === 'add' && !Number.isSafeInteger(change.hits))
      throw badChange(`What is added to ${shown(page)} has to be a whole number.`)
    if (action === 'rename' && change.to === page)
      throw badChange(`${shown(page)} has that address already.`)
    if (action === 'merge' && change.into === page) throw ofItself(page)
    if (action === 'take-back' && !isHour(change.hour))
      throw badChange(`The hour to take back from ${shown(page)} has to be whole hours since 1970.`)
  })
}

/** Does the work for each change, in order. A refusal says by its `place` which change it is about. */
export function mapChanges<Result>(
  changes: readonly Change[],
  work: (change: Change, place: number) => Result,
): Result[] {
  return changes.map((change, place) => {
    try {
      return work(change, place)
    } catch (error) {
      throw atPlace(error, place)
    }
  })
}

const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
/** Whether a date can have the hour. */
const isHour = (hour: unknown) => isWhole(hour) && (hour as number) * HOUR_MS <= 8.64e15

/** @throws Refusal `bad_change` if a page cannot have this number */
export function checkNumber(page: PageKey, hits: number): void {
  if (hits < 0)
    throw badChange(`The number of ${shown(page)} would be ${hits}: it cannot be below 0.`)
  if (hits > MAX_HITS) {
    throw badChange(
      `The number of ${shown(page)} would be above ${MAX_HITS.toLocaleString('en')}, the largest that a page can have.`,
    )
  }
}

/** @param last the newest entry of the page in the audit log, if there is one */
export function wasChanged(
  { key, place }: { key: PageKey; place: number },
  last?: Pick<AuditEntry, 'actor' | 'action' | 'at'>,
) {
  const by = last
    ? `, last by ${last.actor} (${last.action}, ${new Date(last.at).toISOString()})`
    : ''
  return new Refusal(
    'changed',
    'changed meanwhile',
    `${shown(key)} was changed meanwhile${by}. Nothing was done: read the page again, then decide.`,
    { place },
  )
}

export const ofItself = (page: PageKey) =>
  badChange(`${shown(page)} cannot be merged into itself or into one of its own addresses.`)

/** The refusal of a change that cannot be made, with what a person can do about it. */
export const badChange = (sentence: string) => new Refusal('bad_change', 'not possible', sentence)

/** The key of a page in a sentence. */
export const shown = (page: PageKey): string =>
  page.length > MAX_SHOWN ? `${page.slice(0, MAX_SHOWN)}…` : page
