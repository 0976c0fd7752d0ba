import { type Change, type Deed, MAX_HITS } from '../admin.ts'
import type { PageKey } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { HOUR_MS } from '../time.ts'

/** Rules that have ended, and are removed at a time. */
export const ENDED_RULES = 100
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
  for (const change of changes) {
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
    if (action === 'merge' && change.into === page) throw refusals.ofItself(page)
    if (action === 'take-back' && !isHour(change.hour))
      throw badChange(`The hour to take back from ${shown(page)} has to be whole hours since 1970.`)
  }
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

/** Why a change is refused, in the same words on each database. */
export const refusals = {
  unknown: (page: PageKey) =>
    new Refusal('no_such_page', 'no such page', `This counter knows no page ${shown(page)}.`),
  /** @param last the newest entry of the page in the audit log, if there is one */
  changed(page: PageKey, last?: { actor: string; action: string; at: number }) {
    const by = last
      ? `, last by ${last.actor} (${last.action}, ${new Date(last.at).toISOString()})`
      : ''
    return new Refusal(
      'changed',
      'changed meanwhile',
      `${shown(page)} was changed meanwhile${by}. Nothing was done: read the page again, then decide.`,
    )
  },
  isRemoved: (page: PageKey) => badChange(`${shown(page)} is removed: restore it first.`),
  isRemovedAlready: (page: PageKey) => badChange(`${shown(page)} is removed already.`),
  isNotRemoved: (page: PageKey, action: 'restore' | 'purge') =>
    badChange(
      action === 'restore'
        ? `${shown(page)} is not removed, so there is nothing to restore.`
        : `${shown(page)} is not removed: only a removed page can be purged.`,
    ),
  ofItself: (page: PageKey) =>
    badChange(`${shown(page)} cannot be merged into itself or into one of its own addresses.`),
  isKnown: (page: PageKey) =>
    badChange(`${shown(page)} is a page already: merge the pages, or rename to another address.`),
  /** @param of the page of the alias */
  isAlias: (alias: PageKey, of: PageKey) =>
    badChange(`${shown(alias)} is an old address of ${shown(of)}: make it an unknown page first.`),
  isNoAlias: (page: PageKey) => badChange(`${shown(page)} is a page, not the old address of one.`),
  hasNoHits: (page: PageKey, hour: number) =>
    badChange(`${shown(page)} has no hits in the hour ${nameOfHour(hour)}.`),
  isRolledUp: (page: PageKey, hour: number) =>
    badChange(
      `The hits of ${shown(page)} around ${nameOfHour(hour)} are kept by the day, so those of an hour are not known.`,
    ),
  /** @param hits the page's number. `set` can make it smaller than the hits of an hour */
  hasFewer: (page: PageKey, hits: number, ofHour: number) =>
    badChange(
      `${shown(page)} has ${hits.toLocaleString('en')} hits, fewer than the ${ofHour.toLocaleString('en')} of that hour.`,
    ),
}

/** The refusal of a place in a list that no answer has had as `next`. */
export const badPlace = () =>
  new Refusal('bad_request', 'bad place', 'That place in the list does not exist: begin again.')

/** As whom housekeeping removes rules. */
export const endOfRules = (before: number, now: number): Deed => ({
  actor: 'housekeeping',
  reason: `ended before ${new Date(before).toISOString()}`,
  at: now,
})

/** The refusal of rules that were checked with others than there are now. */
export const changedRules = () =>
  new Refusal(
    'changed',
    'changed meanwhile',
    'The lists were changed meanwhile. Nothing was added: read them again, then decide.',
  )

/** The refusal of an action on an entry of a list that is not there. */
export const noSuchEntry = (sentence: string) =>
  new Refusal('no_such_entry', 'no such entry', sentence)

/** An hour as people and programs read it: `2026-01-15T12:00:00.000Z`. */
export const nameOfHour = (hour: number): string => new Date(hour * HOUR_MS).toISOString()

function badChange(sentence: string): Refusal {
  return new Refusal('bad_change', 'not possible', sentence)
}

const shown = (page: PageKey): string =>
  page.length > MAX_SHOWN ? `${page.slice(0, MAX_SHOWN)}…` : page
