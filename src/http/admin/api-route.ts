import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Description, describe } from '../openapi.ts'
import type { Operator } from './access.ts'
import { check } from './validate.ts'

/** A request of a program, whose input has been checked. */
export interface Call<Input> {
  input: Input
  operator: Operator
  request: FastifyRequest
  reply: FastifyReply
}

type Properties = Record<string, object>

/** Adds a route that only reads. What `handle` resolves with is sent as JSON. */
export function readRoute<Input>(
  app: FastifyInstance,
  url: string,
  summary: string,
  parameters: Properties,
  answer: object,
  handle: (call: Call<Input>) => Promise<object>,
): void {
  const schema = { type: 'object', properties: parameters, additionalProperties: false }
  const openapi = { ...describe('Administration', summary, parameters, answer), secured: true }
  app.get(url, { config: { openapi } }, async (request, reply) =>
    sendJson(reply, await handle(callOf(request, reply, schema, request.query))),
  )
}

/** Adds a route that changes something, by a body of this schema. */
export function changeRoute<Input>(
  app: FastifyInstance,
  url: string,
  summary: string,
  body: object,
  answer: object,
  handle: (call: Call<Input>) => Promise<object>,
  parameters: Properties = {},
): void {
  const openapi: Description = {
    ...describe('Administration', summary, parameters, answer),
    body: { 'application/json': { schema: body } },
    secured: true,
  }
  app.post(url, { config: { openapi } }, async (request, reply) =>
    sendJson(reply, await handle(callOf(request, reply, body, request.body ?? {}))),
  )
}

function callOf<Input>(
  request: FastifyRequest,
  reply: FastifyReply,
  schema: object,
  value: unknown,
): Call<Input> {
  const what = request.method === 'POST' ? 'The body' : 'The query'
  const input = check<Input>(request, schema, value, what)
  return { input, operator: request.operator as Operator, request, reply }
}

function sendJson(reply: FastifyReply, answer: object): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer))
}
