import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../../../refusal.ts'
import { parseQuery } from '../../request.ts'
import type { Sent } from '../form.ts'
import type { AdminParts } from '../parts.ts'
import { csrfField } from './frame.ts'
import { Clock } from './html.ts'

/** A form that was refused, and why. */
export interface Refused {
  refusal: Refusal
  sent: Sent
}

/** What a page is drawn from. */
export interface Context {
  parts: AdminParts
  request: FastifyRequest
  /** The page's own address, relative to /admin/, to which its forms lead back. */
  address: string
  query: Readonly<Record<string, string>>
  csrf: string | null
  clock: Clock
  /** The form on this page that was refused, which is shown again as it was filled in. */
  refused: Refused | null
}

/**
 * @param address of the page, relative to /admin/
 * @param refused the form on it that was refused
 */
export function contextOf(
  parts: AdminParts,
  reply: FastifyReply,
  address: string,
  refused: Refused | null = null,
): Context {
  const [, search = ''] = /\?(.*)$/s.exec(address) ?? []
  // A parameter that is given several times counts as missing.
  const query = Object.entries(parseQuery(search)).filter(([, value]) => typeof value === 'string')
  return {
    ...{ parts, request: reply.request, address, refused },
    query: Object.fromEntries(query) as Record<string, string>,
    csrf: csrfField(reply),
    clock: new Clock(parts.settings.history.timeZone),
  }
}
