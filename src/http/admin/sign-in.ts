import type { FastifyInstance, FastifyReply } from 'fastify'
import { browserOf } from '../../agent.ts'
import { Refusal } from '../../refusal.ts'
import { hashSecret, isSecret, newSecret } from '../../secret.ts'
import { makeLink, SESSION_MS } from '../../sign-in.ts'
import { objectOf, TEXT } from '../openapi.ts'
import { checkOrigin, MAX_ORIGIN } from '../origin.ts'
import { refuseBy } from '../problem.ts'
import { baseOf } from '../site/html.ts'
import { badRequest } from '../validate.ts'
import { sessionCookie } from './access.ts'
import type { Api } from './api.ts'
import { type FormHandler, noticeOf, type Submission, Unconfirmed } from './form.ts'
import { checkForm, fieldsOf } from './form-fields.ts'
import { type AdminParts, sendHtml } from './parts.ts'
import { ENDED_SESSIONS, INTEGER, listOf, NEW_LINK } from './schemas.ts'
import { linkPage, signInPage } from './views.ts'

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
    if (token === undefined) {
      const notice = noticeOf(request.query as object, null) ?? ''
      return send(reply, signInPage(parts, reply, 'out', { notice }))
    }
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

type Sessions = number[] | 'all'

/** The routes of sessions, and of links that begin one. */
export function sessionsApi(api: Api, { store: { admin }, settings, now }: AdminParts): void {
  const list = objectOf({ sessions: listOf('Session') })
  api.read('/sessions', 'Browsers that are signed in', {}, list, async () => ({
    sessions: await admin.sessions(now()),
  }))
  api.change<{ ids: Sessions }>(
    '/sessions/end',
    'Ends sessions',
    ENDED_SESSIONS,
    objectOf({}),
    async ({ input: { ids }, deed }) => {
      const present = new Set((await admin.sessions(now())).map(({ id }) => id))
      const unknown = ids === 'all' ? undefined : ids.find((id) => !present.has(id))
      if (unknown !== undefined) {
        const sentence = `There is no session ${unknown}, or it has ended already. None was ended.`
        throw new Refusal('no_such_entry', 'no such entry', sentence)
      }
      await admin.endSessions(ids, deed)
    },
  )
  api.change<{ host?: string }>(
    '/links',
    'Makes a link that signs a browser in, once. Its path works on every host name of the instance',
    NEW_LINK,
    objectOf({ address: TEXT, path: TEXT, endsAt: INTEGER }),
    async ({ input: { host = '' }, deed, request }) => {
      const base = baseOn(host, baseOf(request, settings.http.publicUrl))
      const { path, endsAt } = await makeLink(admin, deed)
      return { address: `${base}${path}`, path, endsAt }
    },
  )
}

export const signOutForm: FormHandler = async (submission) => {
  const { session } = submission.operator
  if (session !== null) await endSessions(submission, [session.id])
  return { notice: null, to: './' }
}

/** What has to be known before the session of this browser ends. */
const WAY_BACK =
  'This browser is signed out then. You need `npm run sign-in` on the machine of this counter to come back.'

/** `sessions`: ends one (`id`), all others, or all. To end the own one is asked again. */
export const sessionForm: FormHandler = async (submission) => {
  const { fields, request, parts, operator } = submission
  const own = operator.session?.id
  const sessions = await parts.store.admin.sessions(parts.now())
  switch (fields.get('action')) {
    case 'end-others': {
      const others = sessions.map(({ id }) => id).filter((id) => id !== own)
      await endSessions(submission, others)
      return { notice: 'end-others' }
    }
    case 'end-all':
      if (!fields.has('confirm')) {
        throw new Unconfirmed(`End all ${sessions.length} sessions? ${WAY_BACK}`)
      }
      await endSessions(submission, 'all')
      return { notice: 'end-all', to: own === undefined ? 'access' : 'sign-in' }
    default: {
      const form = { ids: fields.getAll('id').map(Number) }
      const { ids } = checkForm<{ ids: number[] }>(request, ENDED_SESSIONS, form)
      const isOwn = own !== undefined && ids.includes(own)
      if (isOwn && !fields.has('confirm')) {
        throw new Unconfirmed(`End the session of this browser? ${WAY_BACK}`)
      }
      await endSessions(submission, ids)
      if (isOwn) return { notice: 'end-own', to: 'sign-in' }
      const ended = sessions.filter(({ id }) => ids.includes(id))
      const names = ended.map(({ id, browser }) => `Session ${id} (${browser}) is ended.`)
      return { notice: 'end-session', count: ids.length, said: names.join(' ') }
    }
  }
}

/** Ends sessions. If the operator's own one is among them, its cookie goes too. */
async function endSessions(submission: Submission, ids: Sessions): Promise<void> {
  const { parts, operator, deed, request, reply } = submission
  await parts.store.admin.endSessions(ids, deed)
  const { session } = operator
  if (session !== null && (ids === 'all' || ids.includes(session.id))) {
    reply.header('set-cookie', sessionCookie(request, null))
  }
}

/** `links`: makes a link to sign in, on a host name of this instance. */
export const linkForm: FormHandler = async ({ fields, parts, deed, request, reply }) => {
  const own = baseOf(request, parts.settings.http.publicUrl)
  const base = baseOn((fields.get('host') ?? '').trim(), own)
  const { path, endsAt } = await makeLink(parts.store.admin, deed)
  return { html: linkPage(parts, reply, `${base}${path}`, endsAt) }
}

/** The address of this instance on another host name; its own one if that is empty. @throws Refusal */
function baseOn(host: string, own: string): string {
  if (host === '') return own
  const scheme = URL.parse(own)?.protocol ?? 'https:'
  const address = /^https?:\/\//i.test(host) ? host : `${scheme}//${host}`
  const url = host.length <= MAX_ORIGIN ? URL.parse(address) : null
  if (url === null || !/^[\w.:[\]-]+$/.test(url.host) || url.username !== '') {
    throw badRequest('Name one host of this instance, such as hits.example.org.')
  }
  return `${url.protocol}//${url.host}`
}
