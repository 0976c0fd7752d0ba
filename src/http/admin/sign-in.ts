import type { FastifyInstance, FastifyReply } from 'fastify'
import { browserOf } from '../../agent.ts'
import { hashSecret, isSecret, newSecret } from '../../secret.ts'
import { SESSION_MS } from '../../sign-in.ts'
import { checkOrigin } from '../origin.ts'
import { sessionCookie } from './access.ts'
import { signInPage } from './pages.ts'
import type { AdminParts } from './parts.ts'
import { explained, refusalHeaders } from './problem.ts'
import { fieldsOf } from './validate.ts'

/**
 * `/admin/sign-in`: signs a browser in by a link. To open the link does not use it up, because mail and chat programs open links
 * too; only the button does.
 */
export function signInRoutes(app: FastifyInstance, parts: AdminParts): void {
  const { store, settings, access, refuser, now } = parts
  /** Any stranger may send a form here. */
  const options = { config: { who: 'anyone' }, bodyLimit: 1000 } as const
  /** The address of this page holds a secret, so no other page may learn it from a referrer. */
  const page = (reply: FastifyReply) =>
    reply.header('referrer-policy', 'no-referrer').type('text/html; charset=utf-8')

  app.get('/sign-in', options, (request, reply) => {
    const { token } = request.query as { token?: unknown }
    if (token === undefined) {
      return page(reply).send(signInPage(parts, { state: 'signed-out' }))
    }
    // Whether the link works is not looked up: a GET leaves no trace, not even a wrong try.
    return typeof token === 'string' && isSecret(token)
      ? page(reply).send(signInPage(parts, { state: 'ready', token }))
      : page(reply)
          .code(400)
          .send(signInPage(parts, { state: 'incomplete' }))
  })

  app.post('/sign-in', options, async (request, reply) => {
    try {
      // The page is sent without a referrer, and so browsers name the origin `null`.
      checkOrigin(request, settings.http.publicUrl, { opaque: true })
      await access.useLink(request, fieldsOf(request).get('token') ?? '')
    } catch (error) {
      const refusal = refuser.read(explained(error as Error), request)
      return page(reply)
        .code(refusal.status)
        .headers(refusalHeaders(refusal))
        .send(signInPage(parts, { state: 'refused', sentence: refusal.message }))
    }
    const at = now()
    const secret = newSecret()
    await store.admin.addSession(
      hashSecret(secret),
      {
        at,
        seenAt: at,
        endsAt: at + SESSION_MS,
        browser: browserOf(request.headers['user-agent']),
      },
      { actor: 'sign-in link', reason: '', at },
    )
    return reply.header('set-cookie', sessionCookie(app, request, secret)).redirect('./', 303)
  })
}
