import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Deed } from '../../admin.ts'
import { type Description, describe } from '../openapi.ts'
import { check } from '../validate.ts'
import type { Operator } from './access.ts'
import { type AdminParts, deedOf } from './parts.ts'

/** A request of a program, whose input has been checked. */
interface Call<Input> {
  input: Input
  /** What a change is recorded as. */
  deed: Deed
  request: FastifyRequest
  reply: FastifyReply
}

/** What it resolves with is sent as JSON; nothing, as an empty object. */
type Handler<Input> = (call: Call<Input>) => Promise<object> | Promise<void>

/** Adds the routes by which programs do what operators do. */
export class Api {
  readonly #app: FastifyInstance
  readonly #parts: AdminParts

  constructor(app: FastifyInstance, parts: AdminParts) {
    this.#app = app
    this.#parts = parts
  }

  /** Adds a route that only reads. */
  read<Input>(
    url: string,
    summary: string,
    parameters: Record<string, object>,
    answer: object,
    handle: Handler<Input>,
  ): void {
    const schema = { type: 'object', properties: parameters, additionalProperties: false }
    const openapi = describeSecured('Administration', summary, parameters, answer)
    this.#app.get(url, { config: { openapi } }, (request, reply) => {
      const input = check<Input>(request, schema, request.query, 'The query')
      return this.#answer({ input, request, reply }, handle)
    })
  }

  /** Adds a route that changes something, by a body of this schema. */
  change<Input>(
    url: string,
    summary: string,
    body: object,
    answer: object,
    handle: Handler<Input>,
    parameters: Record<string, object> = {},
  ): void {
    const openapi = describeSecured('Administration', summary, parameters, answer, body)
    this.#app.post(url, { config: { openapi } }, (request, reply) => {
      const input = check<Input>(request, body, request.body ?? {})
      return this.#answer({ input, request, reply }, handle)
    })
  }

  async #answer<Input>(call: Omit<Call<Input>, 'deed'>, handle: Handler<Input>) {
    const { reason } = call.input as { reason?: string }
    const deed = deedOf(this.#parts, call.request.operator as Operator, reason)
    const answer = await handle({ ...call, deed })
    return call.reply.type('application/json; charset=utf-8').send(JSON.stringify(answer ?? {}))
  }
}

/** Describes a route that needs a token. @param body the schema of what is posted */
export function describeSecured(
  tag: Description['tag'],
  summary: string,
  parameters: Record<string, object>,
  answer: Description['answer'],
  body?: object,
): Description {
  return {
    ...describe(tag, summary, parameters, answer),
    ...(body && { body: { 'application/json': { schema: body } } }),
    secured: true,
  }
}
