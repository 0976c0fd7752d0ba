import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Operator } from './access.ts'
import { type Sent, Unconfirmed } from './form.ts'
import { ACCESS_FORMS } from './forms-access.ts'
import { PAGE_FORMS } from './forms-pages.ts'
import { RULE_FORMS } from './forms-rules.ts'
import { backTo } from './notices.ts'
import { confirmPage, problemPage } from './pages.ts'
import type { AdminParts } from './parts.ts'
import { explained, refusalHeaders } from './problem.ts'
import { fieldsOf } from './validate.ts'

/** Adds a route for each form on the pages. An action leads back to the page that it came from. */
export function formRoutes(app: FastifyInstance, parts: AdminParts): void {
  for (const [form, handle] of Object.entries({ ...PAGE_FORMS, ...RULE_FORMS, ...ACCESS_FORMS })) {
    app.post(`/${form}`, async (request, reply) => {
      const fields = fieldsOf(request)
      const operator = request.operator as Operator
      try {
        const done = await handle({ form, fields, operator, parts, request, reply })
        if ('html' in done) return reply.type('text/html; charset=utf-8').send(done.html)
        const { notice, count, to } = done
        return reply.redirect(backTo(to ?? fields.get('back'), notice, count), 303)
      } catch (error) {
        return refuse(error as Error, { form, fields }, parts, request, reply)
      }
    })
  }
}

/** Shows the form again, with what was typed and why it was refused; or asks whether it is meant. */
async function refuse(
  error: Error,
  sent: Sent,
  parts: AdminParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.type('text/html; charset=utf-8')
  if (error instanceof Unconfirmed) {
    const { question, known } = error
    return reply.send(confirmPage(parts, reply, { sent, question, known }))
  }
  const refusal = parts.refuser.read(explained(error), request)
  const html = await problemPage(parts, request, reply, { refusal, sent })
  return reply.code(refusal.status).headers(refusalHeaders(refusal)).send(html)
}
