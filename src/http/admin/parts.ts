import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deed } from '../../admin.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import type { Entry } from '../../rules.ts'
import type { Span } from '../../time.ts'
import type { RouteParts } from '../app.ts'
import type { Refuser } from '../refuse.ts'
import { badRequest } from '../validate.ts'
import type { Operator } from './access.ts'
import type { InTurn } from './in-turn.ts'
import type { Templates } from './view/frame.ts'

/** What the routes of administration use. */
export interface AdminParts extends RouteParts {
  refuser: Refuser
  templates: Templates
  /** Adds rules: those that are sent to one service at once do not have to be checked again because of each other. */
  addingRules: InTurn
}

/**
 * The page that an operator means by an address: the one on which its visits count, by the page rules. But a page that is known by
 * exactly this address comes first, so that one which was counted before there was a rule can still be merged or removed. Lists do
 * not apply: a page that they refuse may exist.
 * @throws Refusal `bad_page`
 */
export async function pageOf(parts: AdminParts, address: string): Promise<PageKey> {
  const { rewriter } = parts.watcher.book.pages
  const exact = rewriter.readAddress(address)
  const { page } = rewriter.rewrite(exact)
  if (page === exact) return exact
  const known = await parts.store.admin.page(exact, todayOf(parts))
  return known === null ? page : exact
}

/** The page on which the visits of a page count, and the page rule that says so; null if they count on the page itself. */
export async function countedOn(
  parts: AdminParts,
  page: PageKey,
): Promise<{ page: PageKey; rule: Entry } | null> {
  const { page: counted, steps } = parts.watcher.book.pages.rewriter.rewrite(page)
  const [first] = steps
  if (first === undefined || counted === page) return null
  const keyOf = async (each: PageKey) =>
    (await parts.store.admin.page(each, todayOf(parts)))?.page ?? each
  // An alias of the page on which its visits count stands for it already.
  const [own, other] = await Promise.all([keyOf(page), keyOf(counted)])
  return own === other ? null : { page: counted, rule: first.rule }
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
export function todayOf({ calendar, now }: AdminParts): Span {
  return calendar.today(now())
}

export function sendHtml(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(html)
}
