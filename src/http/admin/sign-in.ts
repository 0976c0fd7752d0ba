import type { FastifyInstance, FastifyReply } from 'fastify'
import { browserOf } from '../../agent.ts'
import { hashSecret, isSecret, newSecret } from '../../secret.ts'
import { SESSION_MS } from '../../sign-in.ts'
import { checkOrigin } from '../origin.ts'
import { sessionCookie } from './access.ts'
import { type AdminParts, sendHtml } from './parts.ts'
import { refuseBy } from './problem.ts'
import { fieldsOf } from './validate.ts'
import { signInPage } from './views.ts'

/**
 * `/admin/sign-in`: signs a browser in by a link. To open the link does not use it up, because mail and chat programs open links
 * too; only the button does.
 */
export function signInRoutes(app: FastifyInstance, parts: AdminParts): void {
  const { store, settings, access, refuser, now } = parts
  /** Any stranger may send a form here. */
  const options = { config: { who: 'anyone' }, bodyLimit: 1000 } as const
  /** The address of this page holds a secret, so no other page may learn it from a referrer. */
  const send = (reply: FastifyReply, html: string) =>
    sendHtml(reply.header('referrer-policy', 'no-referrer'), html)

  app.get('/sign-in', options, (request, reply) => {
    const { token } = request.query as { token?: unknown }
    if (token === undefined) return send(reply, signInPage(parts, reply, 'out'))
    // Whether the link works is not looked up: a GET leaves no trace, not even a wrong try.
    if (typeof token === 'string' && isSecret(token)) {
      return send(reply, signInPage(parts, reply, 'ready', { token }))
    }
    return send(reply.code(400), signInPage(parts, reply, 'incomplete'))
  })

  app.post('/sign-in', options, async (request, reply) => {
    try {
      // The page is sent without a referrer, and so browsers name the origin `null`.
      checkOrigin(request, settings.http.publicUrl, { opaque: true })
      await access.useLink(request, fieldsOf(request).get('token') ?? '')
    } catch (error) {
      const { message: sentence } = refuseBy(refuser, error as Error, reply)
      return send(reply, signInPage(parts, reply, 'refused', { sentence }))
    }
    const at = now()
    const secret = newSecret()
    const browser = browserOf(request.headers['user-agent'])
    const session = { at, seenAt: at, endsAt: at + SESSION_MS, browser }
    const deed = { actor: 'sign-in link', reason: '', at }
    await store.admin.addSession(hashSecret(secret), session, deed)
    return reply.header('set-cookie', sessionCookie(request, secret)).redirect('./', 303)
  })
}
