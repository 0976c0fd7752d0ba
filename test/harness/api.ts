import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'

interface Schema {
  [keyword: string]: unknown
}
interface Operation {
  operationId: string
  'x-example'?: string
  responses: Record<string, { content: Record<string, { schema: Schema }> }>
}

/** The document of version 1 that is stored in docs/. */
export const PROMISE = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../docs/openapi.json'), 'utf8'),
) as {
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, Schema>>
}

/** Every route of version 1: its method, its path and what is promised of it. */
export const ROUTES = Object.entries(PROMISE.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
)

const checker = Fastify({
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
})
checker.post('/', async (request) => {
  const { schema, value } = request.body as { schema: Schema; value: unknown }
  const validate = request.compileValidationSchema(schema)
  validate(value)
  return validate.errors ?? []
})

/** The faults of an answer by the stored document, which here may not have a field more than the document says. */
export async function faultsOf(
  { path, method }: { path: string; method: string },
  { statusCode, headers, body }: { statusCode: number; headers: object; body: string },
): Promise<unknown[]> {
  const type = String((headers as Record<string, unknown>)['content-type']).split(';')[0] ?? ''
  const told = PROMISE.paths[path]?.[method]?.responses[statusCode]?.content[type]
  if (!told) return [`${statusCode} with ${type} is not in the document`]
  const payload = { schema: closed(told.schema), value: JSON.parse(body) }
  return (await checker.inject({ method: 'POST', url: '/', payload })).json()
}

/** A schema with all that it refers to, whose objects have no fields but those that are named. */
function closed(schema: Schema): Schema {
  if (typeof schema.$ref === 'string') {
    const [, , kind = '', name = ''] = schema.$ref.split('/')
    return closed(PROMISE.components[kind]?.[name] as Schema)
  }
  const parts = Object.entries(schema).map(([keyword, value]) => [keyword, closedPart(value)])
  return {
    ...Object.fromEntries(parts),
    ...(schema.properties !== undefined && { additionalProperties: false }),
  }
}

function closedPart(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closedPart)
  return typeof value === 'object' && value !== null ? closed(value as Schema) : value
}
