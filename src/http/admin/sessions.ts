import { makeLink } from '../../sign-in.ts'
import { objectOf, TEXT } from '../openapi.ts'
import { MAX_ORIGIN } from '../origin.ts'
import { baseOf } from '../site/html.ts'
import { sessionCookie } from './access.ts'
import type { Api } from './api.ts'
import type { FormHandler, Submission } from './form.ts'
import type { AdminParts } from './parts.ts'
import { ENDED_SESSIONS, INTEGER, listOf, NOTHING } from './schemas.ts'
import { badRequest, check } from './validate.ts'
import { linkPage } from './views.ts'

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
    ({ input: { ids }, deed }) => admin.endSessions(ids, deed),
  )
  api.change(
    '/links',
    'Makes a link that signs a browser in, once, on every host name of the instance',
    NOTHING,
    objectOf({ address: TEXT, path: TEXT, endsAt: INTEGER }),
    async ({ deed, request }) => {
      const { path, endsAt } = await makeLink(admin, deed)
      return { address: `${baseOf(request, settings.http.publicUrl)}${path}`, path, endsAt }
    },
  )
}

export const signOutForm: FormHandler = async (submission) => {
  const { session } = submission.operator
  if (session !== null) await endSessions(submission, [session.id])
  return { notice: null, to: './' }
}

/** `sessions`: ends those of these ids, or all. */
export const sessionForm: FormHandler = async (submission) => {
  const { fields, request } = submission
  const form = { ids: fields.has('all') ? 'all' : fields.getAll('id').map(Number) }
  const { ids } = check<{ ids: Sessions }>(request, ENDED_SESSIONS, form, 'The form')
  await endSessions(submission, ids)
  return { notice: 'end-session', count: ids === 'all' ? 2 : ids.length }
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
  const host = (fields.get('host') ?? '').trim()
  const own = baseOf(request, parts.settings.http.publicUrl)
  const base = host === '' ? own : otherBase(host, own)
  const { path, endsAt } = await makeLink(parts.store.admin, deed)
  return { html: linkPage(parts, reply, `${base}${path}`, endsAt) }
}

/** The address of this instance on another host name. @throws Refusal */
function otherBase(host: string, own: string): string {
  const scheme = URL.parse(own)?.protocol ?? 'https:'
  const address = /^https?:\/\//i.test(host) ? host : `${scheme}//${host}`
  const url = host.length <= MAX_ORIGIN ? URL.parse(address) : null
  if (url === null || !/^[\w.:[\]-]+$/.test(url.host) || url.username !== '') {
    throw badRequest('Name one host of this instance, such as hits.example.org.')
  }
  return `${url.protocol}//${url.host}`
}
