import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AdminPage, Change, ChangedPage, OwnerKey } from '../../admin.ts'
import { actorOf, isOwner, isWithin, makeKey } from '../../owner.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import { objectOf, TEXT } from '../openapi.ts'
import { checkOrigin } from '../origin.ts'
import { handleErrors, problemHandler, refuseBy } from '../problem.ts'
import { drawStatistics } from '../site/statistics/page.ts'
import { asWritten, figure, hitsOf } from '../site/written.ts'
import { acceptJson, check } from '../validate.ts'
import { type Api, describeSecured } from './api.ts'
import { type FormHandler, Unconfirmed } from './form.ts'
import { acceptForms, checkForm, fieldsOf } from './form-fields.ts'
import { readAction } from './pages.ts'
import { type AdminParts, noSuchPage, sendHtml, todayOf, urlOf } from './parts.ts'
import { listOf, NEW_KEY, OWNER_CHANGE, REVOKED_KEY, URL_QUERY } from './schemas.ts'
import { keyPage } from './views.ts'

interface WantedKey {
  name: string
  prefix: string
  /** Whether the operator has read what has to be confirmed. */
  confirm?: boolean
}

/** Asks whether the prefix of a key is meant. */
const ask = (question: string) => new Unconfirmed(question, null, 'bad_request')

/** The routes of owners' keys. */
export function keysApi(api: Api, { store: { admin }, settings }: AdminParts): void {
  const list = objectOf({ keys: listOf('OwnerKey') })
  api.read('/keys', 'Keys of owners, without their secrets', {}, list, async () => ({
    keys: await admin.keys(),
  }))
  api.change<WantedKey>(
    '/keys',
    "Makes an owner's key. Its secret is in this answer alone",
    NEW_KEY,
    objectOf({ secret: TEXT, key: { $ref: 'OwnerKey#' } }),
    ({ input, deed }) =>
      makeKey(admin, input, settings.pages.keepQuery, deed, input.confirm ? null : ask),
  )
  api.change<{ id: number }>(
    '/keys/revoke',
    'Ends a key',
    REVOKED_KEY,
    objectOf({}),
    ({ input: { id }, deed }) => admin.revokeKey(id, deed),
  )
}

/** `keys`: makes a key, or revokes one. */
export const keyForm: FormHandler = async ({ fields, parts, deed, request, reply }) => {
  const { admin } = parts.store
  if (fields.get('action') === 'revoke') {
    const form = { id: Number(fields.get('id')) }
    const { id } = checkForm<typeof form>(request, REVOKED_KEY, form)
    await admin.revokeKey(id, deed)
    const key = (await admin.keys()).find((each) => each.id === id)
    return { notice: 'revoke-key', said: `The key ${key?.name} is revoked.` }
  }
  const form = { name: fields.get('name') ?? '', prefix: fields.get('prefix') ?? '' }
  const wanted = checkForm<WantedKey>(request, NEW_KEY, form)
  const { keepQuery } = parts.settings.pages
  const isConfirmed = fields.has('confirm')
  const { secret, key } = await makeKey(admin, wanted, keepQuery, deed, isConfirmed ? null : ask)
  return { html: keyPage(parts, reply, secret, key) }
}

/** What the owner of a page may do with a key, and the values of each. */
type OwnerAction = { reason?: string } & (
  | { action: 'set' | 'add'; hits: number }
  | { action: 'reset' | 'remove' | 'restore' }
)

/** Bytes of the largest form of an owner. Who sends it is not known when it arrives. */
const MAX_BYTES = 16_384

/** `/api/v1/page`: the owner of a page reads and changes its number with a key. */
export function ownerApi(app: FastifyInstance, parts: AdminParts): void {
  const answer = { $ref: 'ChangedPage#' }
  const keyOf = ({ ownerKey }: FastifyRequest) => ownerKey as OwnerKey
  acceptJson(app)
  handleErrors(app, problemHandler(parts.refuser))

  const reading = describeSecured('Owners', "A page's number, for its owner", URL_QUERY, answer)
  app.get('', { config: { who: 'owner', openapi: reading } }, async (request) => {
    const { known } = await ownPage(parts, keyOf(request), urlOf(request))
    if (known === null) throw noSuchPage()
    const { page, hits, removed, version } = known
    return { page, hits, removed, version }
  })

  const summary = 'Sets, adds to, resets, removes or restores the number of a page'
  const changing = describeSecured('Owners', summary, URL_QUERY, answer, OWNER_CHANGE)
  app.post('', { config: { who: 'owner', openapi: changing } }, async (request) => {
    const action = check<OwnerAction>(request, OWNER_CHANGE, request.body ?? {})
    return changeOwnPage(parts, keyOf(request), urlOf(request), action)
  })
}

/**
 * The form on `/page`, by which the owner of a page changes its number with a key that is typed in. Its fields: `url`, `key`,
 * `action`, `hits`, `reason`. No session and no cookie is made, except by the action `see`: it keeps the key in a cookie, to show
 * statistics that are not public, of the page or of `host`.
 */
export function ownerForm(app: FastifyInstance, parts: AdminParts): void {
  acceptForms(app)
  app.setErrorHandler(async (error: Error, request, reply) => {
    const refusal = refuseBy(parts.refuser, error, reply)
    const fields = fieldsOf(request)
    const question = error instanceof Unconfirmed ? error.question : null
    // The page is shown with the form as it was filled in, except for the key.
    const asked = {
      kind: fields.has('host') ? ('site' as const) : ('page' as const),
      address: fields.get('host') ?? fields.get('url') ?? '',
      query: {},
      refused: { refusal, fields, question },
    }
    const { page } = await drawStatistics(request, parts.templates.numbers, parts, asked)
    return sendHtml(reply, page)
  })
  const options = { config: { who: 'anyone' }, bodyLimit: MAX_BYTES } as const
  app.post('/page', options, async (request, reply) => {
    const fields = fieldsOf(request)
    const secret = (fields.get('key') ?? '').trim()
    if (secret === '') {
      throw new Refusal(
        'unauthorized',
        'no key',
        'Type the key that the operator of this counter has given you. It begins with tmk_.',
      )
    }
    if (fields.get('action') === 'see') {
      checkOrigin(request, parts.settings.http.publicUrl, { opaque: true })
      await parts.statistics.keep(request, reply, secret)
      const host = fields.get('host')
      const address = encodeURIComponent(host ?? fields.get('url') ?? '')
      return reply.redirect(host === null ? `page?url=${address}` : `site?host=${address}`, 303)
    }
    const key = await parts.access.owner(request, secret)
    const form = { ...readAction(fields), reason: fields.get('reason') ?? '' }
    const action = checkForm<OwnerAction>(request, OWNER_CHANGE, form)
    const address = fields.get('url') ?? ''
    if (!fields.has('confirm')) await askOwner(parts, key, address, action)
    const { page } = await changeOwnPage(parts, key, address, action)
    return reply.redirect(`page?url=${encodeURIComponent(page)}&done=${action.action}`, 303)
  })
}

/** @throws Unconfirmed before what the owner of a page should be sure of */
async function askOwner(
  parts: AdminParts,
  key: OwnerKey,
  address: string,
  { action }: OwnerAction,
): Promise<void> {
  const { known } = await ownPage(parts, key, address)
  if (known === null) return
  const page = asWritten(known.page)
  if (action === 'reset') {
    throw new Unconfirmed(
      `Begin again at 0 with ${page}? Its number goes from ${figure(known.hits)} to 0, and its history is gone. This cannot be undone.`,
    )
  }
  if (action === 'remove') {
    throw new Unconfirmed(
      `Remove ${page} (${hitsOf(known.hits)})? Its badge says “removed”. Your key can restore it for ${parts.settings.admin.purgeDays} days.`,
    )
  }
}

/** How often a change begins again because the page was changed meanwhile. */
const MAX_TRIES = 5

/**
 * Changes a page as the holder of a key.
 * @param address of the page; the lists and page rules of visits apply
 * @throws Refusal `forbidden` if the page is not within the key's prefix, or if an operator has removed the page to be
 *   restored; and those of `Administration.change`
 */
async function changeOwnPage(
  parts: AdminParts,
  key: OwnerKey,
  address: string,
  { reason = '', ...action }: OwnerAction,
): Promise<ChangedPage> {
  const deed = { actor: actorOf(key), reason, at: parts.now() }
  for (let tries = 1; ; tries++) {
    const { page, known } = await ownPage(parts, key, address)
    const removedBy = known?.removed?.actor
    if (action.action === 'restore' && removedBy !== undefined && !isOwner(removedBy)) {
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
