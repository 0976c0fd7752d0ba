import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../refusal.ts'

/** The pattern of a number in a query. */
export const FROM_1_TO_200 = '^([1-9]\\d?|1\\d\\d|200)$'

/** Bytes of the largest body, unless a route says less: 10,000 changes with addresses of ordinary length. */
export const MAX_BYTES = 1_000_000
/** Characters of a name that a sentence repeats. */
const MAX_SHOWN = 40

/**
 * Lets the routes of this scope take JSON.
 * @param types as which it may be sent
 */
export function acceptJson(
  app: FastifyInstance,
  { types = ['application/json'], bodyLimit = MAX_BYTES } = {},
): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser(types, { parseAs: 'string', bodyLimit }, (request, body, done) => {
    const text = String(body)
    if (text.trim() === '') return done(badRequest('Send a JSON body, at least {}.'))
    parse(request, text, (error, value) =>
      error === null
        ? done(null, value)
        : done(badRequest('The body is not JSON, or names __proto__.', error)),
    )
  })
  app.addContentTypeParser('*', (_request, _payload, done) =>
    done(badRequest('Send JSON, with the header Content-Type: application/json.'), undefined),
  )
}

/** @param field what is wrong, such as `limit` or `pages[3]` */
export function badRequest(sentence: string, cause?: unknown, field?: string): Refusal {
  return new Refusal('bad_request', 'bad request', sentence, { cause, field: field || null })
}

/** What a JSON Schema finds wrong. */
export interface Fault {
  keyword: string
  schemaPath: string
  instancePath: string
  params: Record<string, unknown>
  message?: string
}

/**
 * Checks a value against a JSON Schema, which is compiled once for each route.
 * @param what names the value in a sentence, such as `The body`
 * @param write writes a fault as a sentence
 * @throws Refusal `bad_request`
 */
export function check<Value>(
  request: FastifyRequest,
  schema: object,
  value: unknown,
  what = 'The body',
  write = sentenceOf,
): Value {
  const validate = request.getValidationFunction(schema) ?? request.compileValidationSchema(schema)
  if (validate(value)) return value as Value
  const [fault] = (validate.errors ?? []) as Fault[]
  if (fault === undefined) throw badRequest(`${what} is malformed.`)
  throw badRequest(write(fault, what, schema), undefined, fieldOf(fault))
}

/** Writes what is wrong as a sentence, such as `changes[3].hits must be a whole number.` */
export function sentenceOf(
  fault: Fault,
  what: string,
  schema: object,
  path = pathOf(fault),
): string {
  const { keyword, params, message } = fault
  const wrong =
    keyword === 'discriminator'
      ? `must have an action that exists: ${actionsOf(schema, fault.schemaPath).join(', ')}`
      : (FAULTS[keyword]?.(params) ?? message ?? 'is malformed')
  return `${path || what} ${wrong}.`
}

/** Where a fault is, such as `changes[3].hits`; empty for the whole value. */
export function pathOf({ instancePath }: Fault): string {
  return instancePath
    .slice(1)
    .replace(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.')
}

/** The field that is wrong, missing or too many. */
function fieldOf(fault: Fault): string {
  const { missingProperty, additionalProperty } = fault.params
  const name = String(missingProperty ?? additionalProperty ?? '').slice(0, MAX_SHOWN)
  return [pathOf(fault), name].filter((part) => part !== '').join('.')
}

/** The actions among which a part of a schema chooses. @param path such as `#/properties/changes/items/discriminator` */
function actionsOf(schema: object, path: string): string[] {
  const names = path.split('/').slice(1, -1)
  const part = names.reduce((whole, name) => whole[name] as Schema, schema as Schema)
  const choices = part.oneOf as { properties: { action: { const: string } } }[]
  return choices.map(({ properties }) => properties.action.const)
}
interface Schema {
  [name: string]: unknown
}

/** What is wrong, by the keyword of the schema. */
const FAULTS: Readonly<Record<string, (params: Fault['params']) => string>> = {
  required: ({ missingProperty }) => `lacks ${missingProperty}`,
  additionalProperties: ({ additionalProperty: name }) =>
    `may not have ${JSON.stringify(String(name).slice(0, MAX_SHOWN))}`,
  type: ({ type }) => `must be ${TYPES[String(type)] ?? `of the type ${type}`}`,
  enum: ({ allowedValues }) => `must be one of ${(allowedValues as unknown[]).join(', ')}`,
  minimum: ({ limit }) => `must be at least ${limit}`,
  maximum: ({ limit }) => `must be at most ${limit}`,
  minLength: () => 'must not be empty',
  minItems: () => 'must not be empty',
  maxLength: ({ limit }) => `may have at most ${limit} characters`,
  maxItems: ({ limit }) => `may have at most ${Number(limit).toLocaleString('en')} entries`,
  pattern: ({ pattern }) =>
    pattern === FROM_1_TO_200
      ? 'must be from 1 to 200'
      : 'has a character that is not allowed, or the wrong form',
}

const TYPES: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  'integer,null': 'a whole number, or null',
  string: 'a text',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
}
