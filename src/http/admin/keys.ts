import { makeKey } from '../../owner.ts'
import { objectOf, TEXT } from '../openapi.ts'
import type { Api } from './api.ts'
import type { FormHandler } from './form.ts'
import type { AdminParts } from './parts.ts'
import { listOf, NEW_KEY, REVOKED_KEY } from './schemas.ts'
import { check } from './validate.ts'
import { keyPage } from './views.ts'

interface WantedKey {
  name: string
  prefix: string
}

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
    ({ input, deed }) => makeKey(admin, input, settings.pages.keepQuery, deed),
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
  const { reason } = deed
  if (fields.get('action') === 'revoke') {
    const form = { id: Number(fields.get('id')), reason }
    const { id } = check<typeof form>(request, REVOKED_KEY, form, 'The form')
    await admin.revokeKey(id, deed)
    return { notice: 'revoke-key' }
  }
  const form = { name: fields.get('name') ?? '', prefix: fields.get('prefix') ?? '', reason }
  const wanted = check<WantedKey>(request, NEW_KEY, form, 'The form')
  const { secret, key } = await makeKey(admin, wanted, parts.settings.pages.keepQuery, deed)
  return { html: keyPage(parts, reply, secret, key) }
}
