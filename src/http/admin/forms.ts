import type { FastifyInstance, FastifyReply } from 'fastify'
import { refuseBy } from '../problem.ts'
import type { Operator } from './access.ts'
import { backTo, type FormHandler, type Sent, Unconfirmed } from './form.ts'
import { checkForm, fieldsOf } from './form-fields.ts'
import { keyForm } from './owners.ts'
import { pageForm } from './pages.ts'
import { type AdminParts, deedOf, sendHtml } from './parts.ts'
import { ruleForm } from './rules.ts'
import { WITH_REASON } from './schemas.ts'
import { linkForm, sessionForm, signOutForm } from './sign-in.ts'
import { confirmPage, problemPage } from './views.ts'

/** The forms on the pages, by what they are posted to, relative to /admin/. */
const FORMS: Readonly<Record<string, FormHandler>> = {
  page: pageForm,
  pages: pageForm,
  rules: ruleForm,
  sessions: sessionForm,
  links: linkForm,
  keys: keyForm,
  'sign-out': signOutForm,
}

/** Adds a route for each form on the pages. An action leads back to the page that it came from. */
export function formRoutes(app: FastifyInstance, parts: AdminParts): void {
  for (const [form, handle] of Object.entries(FORMS)) {
    app.post(`/${form}`, async (request, reply) => {
      const fields = fieldsOf(request)
      const operator = request.operator as Operator
      try {
        const why = { reason: fields.get('reason')?.trim() ?? '' }
        const { reason } = checkForm<typeof why>(request, WITH_REASON, why)
        const deed = deedOf(parts, operator, reason)
        const done = await handle({ form, fields, operator, deed, parts, request, reply })
        if ('html' in done) return sendHtml(reply, done.html)
        const { notice, count, said, to } = done
        const address = backTo(to ?? fields.get('back'), notice, count, said, operator)
        return reply.redirect(address, 303)
      } catch (error) {
        return sendHtml(reply, await refusedPage(parts, error as Error, { form, fields }, reply))
      }
    })
  }
}

/** Shows the form again, with what was typed and why it was refused; or asks whether it is meant. */
async function refusedPage(
  parts: AdminParts,
  error: Error,
  sent: Sent,
  reply: FastifyReply,
): Promise<string> {
  if (error instanceof Unconfirmed) {
    return confirmPage(parts, reply, sent, error)
  }
  return problemPage(parts, reply, refuseBy(parts.refuser, error, reply), sent)
}
