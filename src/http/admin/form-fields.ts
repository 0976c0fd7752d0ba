import type { FastifyInstance, FastifyRequest } from 'fastify'
import { badRequest, check, type Fault, MAX_BYTES, pathOf, sentenceOf } from '../validate.ts'
import { sentenceOfField } from './form-faults.ts'

/** Fields of a form that are read. */
const MAX_FIELDS = 1000

/** The fields of a form, in order. Each may be given several times. */
export type Fields = URLSearchParams

/** Lets the routes of this scope take forms. */
export function acceptForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MAX_BYTES },
    (_request, body, done) => {
      const text = String(body)
      if (text.split('&', MAX_FIELDS + 1).length <= MAX_FIELDS)
        done(null, new URLSearchParams(text))
      else done(badRequest(`A form may have at most ${MAX_FIELDS} fields.`))
    },
  )
  app.addContentTypeParser('*', (_request, _payload, done) =>
    done(badRequest('Send a form, as the pages of /admin do.'), undefined),
  )
}

/** The fields of a request's form; none if it has no body. */
export function fieldsOf({ body }: FastifyRequest): Fields {
  return body instanceof URLSearchParams ? body : new URLSearchParams()
}

/** Checks what was made from a form against the JSON Schema of what programs send. @throws Refusal `bad_request` */
export function checkForm<Value>(request: FastifyRequest, schema: object, form: unknown): Value {
  return check<Value>(request, schema, form, 'The form', sentenceOfForm)
}

/** A form is checked as the list that programs send. Who fills it in sees no list. */
const PLACE_IN_LIST = /^(changes|rules)\[\d+\]\.?/

function sentenceOfForm(fault: Fault, what: string, schema: object): string {
  const path = pathOf(fault).replace(PLACE_IN_LIST, '')
  return sentenceOfField(fault) ?? sentenceOf(fault, what, schema, path)
}
