import type { AdminPage, Change } from '../../admin.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import { visitsIn } from '../../tallies.ts'
import { writeHour } from '../../time.ts'
import { asWritten, figure, hitsOf } from '../site/written.ts'
import { type AdminParts, todayOf } from './parts.ts'

/** What a form asks before an action on one page, with what is at stake. The others are done at once. */
const QUESTIONS: {
  readonly [Action in Change['action']]?: (
    page: AdminPage,
    change: Extract<Change, { action: Action }>,
    parts: AdminParts,
  ) => string | Promise<string>
} = {
  reset: ({ page, hits }) =>
    `Begin again at 0 with ${asWritten(page)}? Its number goes from ${figure(hits)} to 0, and its history and the visits that did not count are gone. This cannot be undone.`,
  async merge({ page, hits }, { into }, parts) {
    const target = await knownPage(parts, into)
    if (target.page === page) {
      throw new Refusal(
        'bad_change',
        'not possible',
        `${page} cannot be merged into itself or into one of its own addresses.`,
      )
    }
    return `Merge ${asWritten(page)} (${hitsOf(hits)}) into ${asWritten(target.page)} (${figure(target.hits)})? Together: ${figure(hits + target.hits)}. This cannot be undone.`
  },
  unalias: ({ page, hits }, { page: alias }) =>
    `Give up ${asWritten(alias)}? It is an old address of ${asWritten(page)} (${hitsOf(hits)}), and becomes an unknown page, which begins at 0.`,
  remove: ({ page, hits }, _, { settings }) =>
    `Remove ${asWritten(page)} (${hitsOf(hits)})? Its badge says “removed”. You can restore it for ${settings.admin.purgeDays} days.`,
  purge: ({ page, hits }) =>
    `Purge ${asWritten(page)}? Its ${hitsOf(hits)} and its history are gone for good, and its address can begin again at 0. This cannot be undone.`,
  async 'take-back'({ page, hits }, { hour }, { store }) {
    const [tallies] = await store.history(page, [{ from: hour, to: hour + 1 }])
    const taken = visitsIn(tallies, 'counted')
    const left = Math.max(0, hits - taken)
    return `Take back the ${hitsOf(taken)} of ${writeHour(hour)}, from ${asWritten(page)}? Its number goes from ${figure(hits)} to ${figure(left)}. This cannot be undone.`
  },
}

/** What a form asks before an action on several pages; the page of the question lists them. */
const QUESTIONS_OF_MANY: Readonly<Record<string, (pages: string, days: number) => string>> = {
  remove: (pages, days) =>
    `Remove ${pages}? Their badges say “removed”. You can restore them for ${days} days.`,
  purge: (pages) =>
    `Purge ${pages}? Their numbers and histories are gone for good, and their addresses can begin again at 0. This cannot be undone.`,
}

/** What has to be confirmed; null if there is nothing. @throws Refusal if the change is not possible */
export async function questionOf(
  parts: AdminParts,
  changes: readonly Change[],
): Promise<string | null> {
  const [change] = changes as [Change]
  if (changes.length > 1) {
    const ask = QUESTIONS_OF_MANY[change.action]
    return ask?.(`${figure(changes.length)} pages`, parts.settings.admin.purgeDays) ?? null
  }
  const ask = QUESTIONS[change.action]
  if (ask === undefined) return null
  return ask(await knownPage(parts, change.page), change as never, parts)
}

/** @throws Refusal `no_such_page` */
async function knownPage(parts: AdminParts, address: PageKey): Promise<AdminPage> {
  const page = await parts.store.admin.page(address, todayOf(parts))
  if (page !== null) return page
  throw new Refusal('no_such_page', 'no such page', `This counter knows no page ${address}.`)
}
