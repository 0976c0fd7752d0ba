import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deed } from '../../admin.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import type { Span } from '../../time.ts'
import type { RouteParts } from '../app.ts'
import type { Refuser } from '../refuse.ts'
import type { Access, Operator } from './access.ts'
import type { InTurn } from './in-turn.ts'
import { badRequest } from './validate.ts'
import type { Templates } from './view/frame.ts'

/** What the routes of administration use. */
export interface AdminParts extends RouteParts {
  refuser: Refuser
  access: Access
  templates: Templates
  /** Adds rules: those that are sent to one service at once do not have to be checked again because of each other. */
  addingRules: InTurn
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

export function sendHtml(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(html)
}
