import type { FastifyInstance } from 'fastify'
import { makeKey } from '../../owner.ts'
import { makeLink } from '../../sign-in.ts'
import { objectOf, TEXT } from '../openapi.ts'
import { baseOf } from '../site/html.ts'
import { changeRoute, readRoute } from './api-route.ts'
import { type AdminParts, deedOf } from './parts.ts'
import { ENDED_SESSIONS, NEW_KEY, NOTHING, REVOKED_KEY } from './schemas.ts'

const WHOLE = { type: 'integer' }
const TIME = { type: ['integer', 'null'] }
const SESSION = {
  $id: 'Session',
  ...objectOf({ id: WHOLE, at: WHOLE, seenAt: WHOLE, endsAt: WHOLE, browser: TEXT }),
}
const KEY = {
  $id: 'OwnerKey',
  ...objectOf({ id: WHOLE, name: TEXT, prefix: TEXT, at: WHOLE, usedAt: TIME, revokedAt: TIME }),
}
const listOf = (id: string) => ({ type: 'array', items: { $ref: `${id}#` } })

/** The routes of sessions, links to sign in, and owners' keys. */
export function accessApi(app: FastifyInstance, parts: AdminParts): void {
  const { store, settings, now } = parts
  const { admin } = store
  for (const schema of [SESSION, KEY]) app.addSchema(schema)

  const sessions = objectOf({ sessions: listOf('Session') })
  readRoute(app, '/sessions', 'Browsers that are signed in', {}, sessions, async () => ({
    sessions: await admin.sessions(now()),
  }))
  changeRoute<{ ids: number[] | 'all' }>(
    app,
    '/sessions/end',
    'Ends sessions',
    ENDED_SESSIONS,
    objectOf({}),
    async ({ input, operator }) => {
      await admin.endSessions(input.ids, deedOf(parts, operator))
      return {}
    },
  )
  changeRoute<object>(
    app,
    '/links',
    'Makes a link that signs a browser in, once, on every host name of the instance',
    NOTHING,
    objectOf({ address: TEXT, path: TEXT, endsAt: WHOLE }),
    async ({ operator, request }) => {
      const { path, endsAt } = await makeLink(admin, deedOf(parts, operator))
      return { address: `${baseOf(request, settings.http.publicUrl)}${path}`, path, endsAt }
    },
  )
  readRoute(
    app,
    '/keys',
    'Keys of owners, without their secrets',
    {},
    objectOf({ keys: listOf('OwnerKey') }),
    async () => ({ keys: await admin.keys() }),
  )
  changeRoute<{ name: string; prefix: string; reason?: string }>(
    app,
    '/keys',
    "Makes an owner's key. Its secret is in this answer alone",
    NEW_KEY,
    objectOf({ secret: TEXT, key: { $ref: 'OwnerKey#' } }),
    ({ input: { reason, ...wanted }, operator }) =>
      makeKey(admin, wanted, settings.pages.keepQuery, deedOf(parts, operator, reason)),
  )
  changeRoute<{ id: number; reason?: string }>(
    app,
    '/keys/revoke',
    'Ends a key',
    REVOKED_KEY,
    objectOf({}),
    async ({ input, operator }) => {
      await admin.revokeKey(input.id, deedOf(parts, operator, input.reason))
      return {}
    },
  )
}
