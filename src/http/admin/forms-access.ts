import { makeKey } from '../../owner.ts'
import { makeLink } from '../../sign-in.ts'
import { baseOf } from '../site/html.ts'
import { sessionCookie } from './access.ts'
import type { FormHandler, Submission } from './form.ts'
import { secretPage } from './pages.ts'
import { deedOf } from './parts.ts'
import { ENDED_SESSIONS, NEW_KEY, REVOKED_KEY } from './schemas.ts'
import { badRequest, check } from './validate.ts'

/** Forms about who may do something: sessions, links to sign in, and owners' keys. */
export const ACCESS_FORMS: Record<string, FormHandler> = {
  'sign-out': async (submission) => {
    const { operator } = submission
    if (operator.session !== null) await endSessions(submission, [operator.session.id])
    return { notice: null, to: './' }
  },

  sessions: async (submission) => {
    const { fields, request } = submission
    const ids = fields.has('all') ? 'all' : fields.getAll('id').map(Number)
    check(request, ENDED_SESSIONS, { ids }, 'The form')
    await endSessions(submission, ids)
    return { notice: 'end-session', count: ids === 'all' ? 2 : ids.length }
  },

  links: async ({ fields, parts, operator, request, reply }) => {
    const host = (fields.get('host') ?? '').trim()
    const own = baseOf(request, parts.settings.http.publicUrl)
    const base = host === '' ? own : otherBase(host, own)
    const { path, endsAt } = await makeLink(parts.store.admin, deedOf(parts, operator))
    return { html: secretPage(parts, reply, { kind: 'link', secret: `${base}${path}`, endsAt }) }
  },

  keys: async ({ fields, parts, operator, request, reply }) => {
    const { admin } = parts.store
    const deed = deedOf(parts, operator, fields.get('reason') ?? '')
    if (fields.get('action') === 'revoke') {
      const { id } = check<{ id: number }>(
        request,
        REVOKED_KEY,
        { id: Number(fields.get('id')) },
        'The form',
      )
      await admin.revokeKey(id, deed)
      return { notice: 'revoke-key' }
    }
    const wanted = { name: fields.get('name') ?? '', prefix: fields.get('prefix') ?? '' }
    const named = check<typeof wanted>(request, NEW_KEY, wanted, 'The form')
    const { secret, key } = await makeKey(admin, named, parts.settings.pages.keepQuery, deed)
    return { html: secretPage(parts, reply, { kind: 'key', secret, key }) }
  },
}

/** Ends sessions. If the operator's own one is among them, its cookie goes too. */
async function endSessions(
  { parts, operator, request, reply }: Submission,
  ids: readonly number[] | 'all',
): Promise<void> {
  await parts.store.admin.endSessions(ids, deedOf(parts, operator))
  const { session } = operator
  if (session !== null && (ids === 'all' || ids.includes(session.id))) {
    reply.header('set-cookie', sessionCookie(request.server, request, null))
  }
}

/** Characters of the longest host, with its scheme and port. */
const MAX_HOST = 'https://'.length + 253 + ':65535'.length

/** The address of this instance on another host name. @throws Refusal */
function otherBase(host: string, own: string): string {
  const isShort = host.length <= MAX_HOST
  const url = isShort
    ? URL.parse(
        /^https?:\/\//i.test(host) ? host : `${URL.parse(own)?.protocol ?? 'https:'}//${host}`,
      )
    : null
  if (url === null || !/^[\w.:[\]-]+$/.test(url.host) || url.username !== '') {
    throw badRequest('Name one host of this instance, such as hits.example.org.')
  }
  return `${url.protocol}//${url.host}`
}
