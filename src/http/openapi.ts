import { isDeepStrictEqual } from 'node:util'
import Fastify, { type FastifyInstance, type FastifySchema, type RouteOptions } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import { type Form, OPTIONS_OF } from '../badge/options/options.ts'
import type { Field, Option, Schema } from '../badge/options/schema.ts'
import { STATUS } from '../refusal.ts'
import { answerRoute, sendJson } from './reply.ts'

/** What the document says about a route. Fastify does not use it to check or write anything: the route's own code does that. */
export interface Description {
  tag: keyof typeof TAGS
  summary: string
  /** What the query may hold. */
  parameters: Properties
  /** What is answered with status 200: an image, a line of text, JSON of this schema, lines of JSON, CSV, or events. */
  answer: 'svg' | 'png' | 'text' | 'lines' | 'csv' | 'events' | object
  /** What may be posted, by its type. */
  body?: Content
  /** Whether the route needs a bearer token. Its refusals are problem details. */
  secured?: boolean
}
/** JSON Schemas by the names of the values. */
type Properties = Record<string, object>
type Content = Record<string, { schema: object }>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What /openapi.json says about the route; routes for people have none. */
    openapi?: Description
  }
}

const TAGS = {
  Count: "A page's number: counted, or only read",
  Statistics: 'What became of visits, and what is visited',
  Samples: 'Badges and cards with made-up numbers',
  Service: 'This instance',
  Administration: 'What an operator does; it needs ADMIN_TOKEN',
  Owners: 'What the owner of a page does with a key',
}

export const ANY_OBJECT = { type: 'object' }
export const TEXT = { type: 'string' } as const
export const WHOLE = { type: 'integer', minimum: 0 } as const
export const objectOf = (properties: Properties, optional: Properties = {}) => ({
  type: 'object',
  required: Object.keys(properties),
  properties: { ...properties, ...optional },
})

/** The parameters that name a page and a period. */
const url = {
  ...TEXT,
  description:
    'The page; without it, `/active` is about all pages, and other routes take the Referer',
  maxLength: 2048,
  examples: ['https://example.com/a', 'my-project'],
}
const site = {
  ...TEXT,
  description:
    "A host, whose numbers are answered: the sums of its pages'. Beside `url` on `/count`, which counts that page; elsewhere in its place",
  maxLength: 2048,
  examples: ['example.com'],
}
const tz = {
  ...TEXT,
  description: "Where days begin, as an IANA name; else the instance's",
  examples: ['Europe/Berlin', 'UTC'],
}
/* biome-ignore format: one list of examples a line is easier to read */
export const PAGE_PARAMETERS = {
  url,
  site,
  period: {
    ...TEXT,
    description: 'Only the hits of this period; not together with `within`',
    examples: ['today', '24h', '30d', '365d', 'last-week', 'month', '2026-01', '2026-01-15', 'total'],
  },
  within: {
    ...TEXT,
    description: 'Only the hits of a time up to now, in weeks, days, hours and minutes',
    examples: ['days=1,minutes=30'],
  },
  tz,
}

/** The parameters for the options that change an answer of all these forms. */
export function optionParameters(schema: Schema, ...forms: Form[]): Properties {
  const options = Object.entries(schema) as [string, Option<unknown>][]
  return Object.fromEntries(
    options.flatMap(([name, { about, otherwise, examples, field }]) => {
      if (forms.some((form) => !OPTIONS_OF[form].has(name))) return []
      // Links within docs/usage.md do not work in this document.
      const text = about.replace(/\[([^\]]+)\]\(#[^)]*\)/g, '$1')
      const values = field.kind === 'number' ? examples.map(Number) : examples
      const description = `${text}\n\nElse: ${otherwise}`
      return [[name, { ...typeOf(field), description, examples: values }]]
    }),
  )
}

function typeOf(field: Field): object {
  switch (field.kind) {
    case 'choice':
      return field.open ? TEXT : { ...TEXT, enum: field.choices }
    case 'number': {
      const { least, most, whole } = field
      return { type: whole ? 'integer' : 'number', minimum: least, maximum: most }
    }
    case 'switch':
      return { ...TEXT, enum: ['1', '0'] }
    default:
      return TEXT
  }
}

/** Describes a route for programs; see `Description`. */
export function describe(
  tag: keyof typeof TAGS,
  summary: string,
  parameters: Properties,
  answer: Description['answer'],
): Description {
  return { tag, summary, parameters, answer }
}

/** What only routes that need a token refuse. */
const OF_ADMINISTRATION: ReadonlySet<string> = new Set([
  ...['bad_change', 'bad_rule', 'unauthorized', 'forbidden'],
  ...['no_such_page', 'no_such_entry', 'changed'],
])
const BEARER = { bearer: { type: 'http', scheme: 'bearer' } } as const
/** How routes that need a token refuse: https://www.rfc-editor.org/rfc/rfc9457 */
const PROBLEM: Content = {
  'application/problem+json': {
    schema: objectOf({
      type: TEXT,
      title: TEXT,
      status: WHOLE,
      detail: TEXT,
      code: { enum: Object.keys(STATUS) },
    }),
  },
}
const LINE: Content = { 'text/plain': { schema: TEXT } }
const REFUSED = { $ref: 'Refusal#' }
const REFUSAL = {
  $id: 'Refusal',
  ...objectOf({
    error: objectOf({
      code: { enum: Object.keys(STATUS).filter((code) => !OF_ADMINISTRATION.has(code)) },
      message: TEXT,
    }),
  }),
}

/**
 * Adds `/openapi.json`, which describes the routes that are added afterwards: https://spec.openapis.org/oas/v3.1.0
 * @param publicUrl the address at which people reach the service, if it is known
 */
export function openapiRoute(app: FastifyInstance, publicUrl: string | undefined): void {
  app.addSchema(REFUSAL)
  const routes: RouteOptions[] = []
  app.addHook('onRoute', ({ method, url, config, handler }) => {
    if (config?.openapi && method !== 'HEAD') routes.push({ method, url, config, handler })
  })
  let text: Promise<string> | undefined
  const about = describe('Service', 'This document', {}, ANY_OBJECT)
  answerRoute(app, '/openapi.json', about, async (request, reply) => {
    text ??= writeDocument(app, routes, publicUrl).catch((error) => {
      text = undefined
      throw error
    })
    sendJson(request, reply, await text)
  })
}

/**
 * Has @fastify/swagger read the routes, in an app that never listens. Most services are never asked for the document, and the
 * plugin takes 20 ms and 8 MB to load.
 */
async function writeDocument(
  described: FastifyInstance,
  routes: RouteOptions[],
  publicUrl: string | undefined,
): Promise<string> {
  const { default: swagger } = await import('@fastify/swagger')
  const descriptions = routes.flatMap(({ config }) => config?.openapi ?? [])
  const app = Fastify()
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tallymark',
        version: '1',
        description:
          'Counts page visits and answers with a badge. HEAD never counts. Any origin may read the answers; ' +
          'with credentials, the window cookie keeps a reload from counting.',
        license: { name: 'MIT', url: 'https://opensource.org/licenses/MIT' },
      },
      // Relative to the document's own address, since a proxy may serve all under a prefix.
      servers: [{ url: publicUrl ?? '.' }],
      security: [],
      ...(descriptions.some(({ secured }) => secured) && {
        components: { securitySchemes: BEARER },
      }),
      tags: Object.entries(TAGS)
        .filter(([name]) => descriptions.some(({ tag }) => tag === name))
        .map(([name, description]) => ({ name, description })),
    },
    stripBasePath: false,
    convertConstToEnum: false,
    refResolver: { buildLocalReference: ({ $id }) => String($id) },
    transform: ({ url, route }) => ({
      url,
      schema: schemaOf(route, route.config?.openapi as Description),
    }),
  })
  for (const schema of Object.values(described.getSchemas())) app.addSchema(schema)
  for (const route of routes) app.route(route)
  await app.ready()
  return JSON.stringify(shareParameters(app.swagger() as OpenAPIV3_1.Document))
}

function contentOf(answer: Description['answer']): Content {
  if (answer === 'text') return LINE
  if (answer === 'lines') return { 'application/jsonl': { schema: TEXT } }
  if (answer === 'csv') return { 'text/csv': { schema: TEXT } }
  if (answer === 'events') return { 'text/event-stream': { schema: TEXT } }
  if (answer === 'svg') return { 'image/svg+xml': { schema: {} } }
  if (answer === 'png') return { 'image/png': { schema: {} } }
  return { 'application/json': { schema: answer as object } }
}

function schemaOf({ method, url }: RouteOptions, description: Description): FastifySchema {
  const { tag, summary, parameters, answer, body, secured = false } = description
  const content = contentOf(answer)
  const ofAnswer = answer === 'events' || answer === 'csv' ? {} : content
  const open = typeof answer === 'string' ? { ...ofAnswer, ...LINE } : contentOf(REFUSED)
  const refused = secured ? PROBLEM : open
  return {
    operationId: `${method}${url}`
      .toLowerCase()
      .replace(/\W(\w)/g, (_all, first) => first.toUpperCase()),
    summary,
    tags: [tag],
    querystring: { type: 'object', properties: parameters },
    ...(secured && { security: [{ bearer: [] }] }),
    ...(body && { body: { content: body } }),
    response: { 200: { description: summary, content }, ...refusals(description, refused) },
  }
}

/** Refusals by their status, without those that this route never returns: 405, and 400 if it has no parameters. */
function refusals({ parameters, secured = false }: Description, content: Content) {
  const possible = Object.entries(STATUS).filter(([code, status]) => {
    if (code === 'not_found' || status === 405) return false
    if (secured) return true
    return !OF_ADMINISTRATION.has(code) && (status !== 400 || Object.keys(parameters).length > 0)
  })
  const codes = Object.groupBy(possible, ([, status]) => status)
  const all = Object.entries(codes).map(([status, those = []]) => {
    const description = those.map(([code]) => `\`${code}\``).join(', ')
    return [status, { description, content }] as const
  })
  return Object.fromEntries(all)
}

/** Writes each parameter once, as a component that operations refer to: the options of badges are 100 kB otherwise. */
function shareParameters({ paths = {}, ...document }: OpenAPIV3_1.Document): object {
  const shared: Record<string, object> = {}
  for (const operation of Object.values(paths).flatMap((item) => [item?.get, item?.post])) {
    if (!operation) continue
    operation.parameters = (operation.parameters ?? []).map((parameter) => {
      let name = 'name' in parameter ? parameter.name : ''
      while (shared[name] && !isDeepStrictEqual(shared[name], parameter)) name = `${name}2`
      shared[name] = parameter
      return { $ref: `#/components/parameters/${name}` }
    })
    // The plugin marks every body as required, but the query may name the page instead.
    if (operation.requestBody) delete (operation.requestBody as { required?: boolean }).required
  }
  return { ...document, paths, components: { ...document.components, parameters: shared } }
}
