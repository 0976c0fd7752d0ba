import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AdminPage, Change, ChangedPage, OwnerKey } from '../../admin.ts'
import { isWithin } from '../../owner.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import { describe } from '../openapi.ts'
import { notFound } from '../refuse.ts'
import type { AdminParts } from './parts.ts'
import { noSuchPage, todayOf, urlOf } from './parts.ts'
import { problemHandler } from './problem.ts'
import { OWNER_CHANGE, URL_QUERY } from './schemas.ts'
import { acceptJson, check } from './validate.ts'

/** What the owner of a page may do with a key, and the values of each. */
export type OwnerAction =
  | { action: 'set' | 'add'; hits: number }
  | { action: 'reset' | 'remove' | 'restore' }

/** `/api/v1/page`: the owner of a page reads and changes its number with a key. */
export function ownerApi(app: FastifyInstance, parts: AdminParts): void {
  const answer = { $ref: 'ChangedPage#' }
  const about = (summary: string) => ({
    ...describe('Owners', summary, URL_QUERY, answer),
    secured: true,
  })
  acceptJson(app)
  const refuse = problemHandler(parts.refuser)
  app.setErrorHandler(refuse)
  app.setNotFoundHandler((request, reply) => refuse(notFound(), request, reply))

  const reading = about("A page's number, for its owner")
  app.get('', { config: { who: 'owner', openapi: reading } }, async (request, reply) => {
    const { known } = await ownPage(parts, keyOf(request), urlOf(request))
    if (known === null) throw noSuchPage()
    const { page, hits, removed, version } = known
    return reply.send({ page, hits, removed, version })
  })
  const changing = {
    ...about('Sets, adds to, resets, removes or restores the number of a page'),
    body: { 'application/json': { schema: OWNER_CHANGE } },
  }
  app.post('', { config: { who: 'owner', openapi: changing } }, async (request, reply) => {
    type Body = OwnerAction & { reason?: string }
    const { reason, ...action } = check<Body>(request, OWNER_CHANGE, request.body ?? {})
    const url = urlOf(request)
    return reply.send(await changeOwnPage(parts, keyOf(request), url, action, reason))
  })
}

const keyOf = ({ ownerKey }: FastifyRequest) => ownerKey as OwnerKey

/** How the names of owners begin in the audit log. */
const KEY = 'key '
/** How often a change begins again because the page was changed meanwhile. */
const MAX_TRIES = 5

/**
 * Changes a page as the holder of a key.
 * @param address of the page; the lists and page rules of visits apply
 * @throws Refusal `forbidden` if the page is not within the key's prefix, or if an operator has removed the page to be
 *   restored; and those of `Administration.change`
 */
export async function changeOwnPage(
  parts: AdminParts,
  key: OwnerKey,
  address: string,
  action: OwnerAction,
  reason = '',
): Promise<ChangedPage> {
  const deed = { actor: KEY + key.name, reason, at: parts.now() }
  for (let tries = 1; ; tries++) {
    const { page, known } = await ownPage(parts, key, address)
    const removedBy = known?.removed?.actor
    if (action.action === 'restore' && removedBy !== undefined && !removedBy.startsWith(KEY)) {
      throw new Refusal(
        'forbidden',
        'removed by operator',
        'The operator of this counter has removed that page; only the operator can restore it.',
      )
    }
    // With the version, a page that becomes an alias meanwhile is not changed: it may lead out of the prefix. That of an unknown
    // page is 0.
    const change = { ...action, page, ifVersion: known?.version ?? 0 } as Change
    try {
      const [changed] = await parts.store.admin.change([change], deed)
      return changed as ChangedPage
    } catch (error) {
      const again = error instanceof Refusal && error.code === 'changed' && tries < MAX_TRIES
      if (!again) throw error
    }
  }
}

/** The page of an address, and its state if it is known. @throws Refusal `forbidden` */
async function ownPage(
  parts: AdminParts,
  { prefix }: OwnerKey,
  address: string,
): Promise<{ page: PageKey; known: AdminPage | null }> {
  const page = parts.visits.identify(address, undefined).page
  if (isWithin(page, prefix)) {
    const known = await parts.store.admin.page(page, todayOf(parts))
    if (known === null || isWithin(known.page, prefix)) return { page: known?.page ?? page, known }
  }
  throw new Refusal(
    'forbidden',
    'not your page',
    `This key is for ${prefix} and the pages below it, and for no other page.`,
  )
}
