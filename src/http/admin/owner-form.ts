import type { FastifyInstance } from 'fastify'
import { Refusal } from '../../refusal.ts'
import { readAction } from './forms-pages.ts'
import { changeOwnPage, type OwnerAction } from './owners.ts'
import { ownerProblemPage } from './pages.ts'
import type { AdminParts } from './parts.ts'
import { explained, refusalHeaders } from './problem.ts'
import { OWNER_CHANGE } from './schemas.ts'
import { acceptForms, check, fieldsOf } from './validate.ts'

/** Bytes of the largest form. Who sends it is not known when it arrives. */
const MAX_BYTES = 16_384

/**
 * The form on `/page`, by which the owner of a page changes its number with a key that is typed in. Its fields: `url`, `key`,
 * `action`, `hits`, `reason`. No session and no cookie is made.
 */
export function ownerForm(app: FastifyInstance, parts: AdminParts): void {
  const { access, refuser } = parts
  acceptForms(app)
  app.setErrorHandler(async (error: Error, request, reply) => {
    const refusal = refuser.read(explained(error), request)
    const html = await ownerProblemPage(parts, request, { refusal, fields: fieldsOf(request) })
    return reply
      .code(refusal.status)
      .headers(refusalHeaders(refusal))
      .type('text/html; charset=utf-8')
      .send(html)
  })
  const options = { config: { who: 'anyone' }, bodyLimit: MAX_BYTES } as const
  app.post('/page', options, async (request, reply) => {
    const fields = fieldsOf(request)
    const secret = (fields.get('key') ?? '').trim()
    if (secret === '') throw noKey()
    const key = await access.owner(request, secret)
    const form = { ...readAction(fields), reason: fields.get('reason') ?? '' }
    type Form = OwnerAction & { reason: string }
    const { reason, ...action } = check<Form>(request, OWNER_CHANGE, form, 'The form')
    const { page } = await changeOwnPage(parts, key, fields.get('url') ?? '', action, reason)
    return reply.redirect(`page?url=${encodeURIComponent(page)}&done=${action.action}`, 303)
  })
}

function noKey(): Refusal {
  return new Refusal(
    'unauthorized',
    'no key',
    'Type the key that the operator of this counter has given you. It begins with tmk_.',
  )
}
