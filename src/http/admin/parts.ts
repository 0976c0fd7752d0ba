import type { FastifyRequest } from 'fastify'
import type { Change, Deed } from '../../admin.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import { inSlices } from '../../slices.ts'
import type { Span } from '../../time.ts'
import type { RouteParts } from '../app.ts'
import type { Refuser } from '../refuse.ts'
import type { Files } from '../site/files.ts'
import type { Access, Operator } from './access.ts'
import { badRequest } from './validate.ts'
import type { Templates } from './view/frame.ts'

/** What the routes of administration use. */
export interface AdminParts extends RouteParts {
  files: Files
  refuser: Refuser
  access: Access
  templates: Templates
}

/**
 * The key of an address that an operator names. Its fragment is kept if a page rule says so. Otherwise neither lists nor page
 * rules apply: a page that they refuse may exist.
 */
export function pageOf({ watcher }: AdminParts, address: string): PageKey {
  return watcher.book.pages.rewriter.readAddress(address)
}

/** The page that a query names. @throws Refusal `bad_request` */
export function urlOf({ query }: FastifyRequest): string {
  const { url } = query as { url?: unknown }
  if (typeof url !== 'string' || url === '') throw badRequest('Name one page with ?url=.')
  return url
}

export function noSuchPage(): Refusal {
  return new Refusal('no_such_page', 'no such page', 'This counter does not know that page.')
}

/** What an operator does at this moment. */
export function deedOf({ now }: AdminParts, { actor }: Operator, reason = ''): Deed {
  return { actor, reason, at: now() }
}

/** Today, where the instance is. */
export function todayOf({ settings, calendar, now }: AdminParts): Span {
  return calendar.span('today', settings.history.timeZone, now()) ?? { from: 0, to: 0 }
}

/** A change as a program sends it: its addresses are not yet keys. */
export type NamedChange = Change extends infer Each
  ? { [Name in keyof Each]: Each[Name] extends PageKey ? string : Each[Name] }
  : never

/** The changes that a program names. 10,000 of them take some 30 ms, which other work interrupts. @throws Refusal `bad_page` */
export async function changesOf(
  parts: AdminParts,
  named: readonly NamedChange[],
): Promise<Change[]> {
  const changes: Change[] = []
  for await (const each of inSlices(named)) changes.push(changeOf(parts, each))
  return changes
}

function changeOf(parts: AdminParts, named: NamedChange): Change {
  const page = pageOf(parts, named.page)
  if (named.action === 'rename') return { ...named, page, to: pageOf(parts, named.to) }
  if (named.action === 'merge') return { ...named, page, into: pageOf(parts, named.into) }
  return { ...named, page }
}
