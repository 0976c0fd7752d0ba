import { isDeepStrictEqual } from 'node:util'
import Fastify, { type FastifyInstance, type FastifySchema, type RouteOptions } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import { STATUS } from '../refusal.ts'
import {
  ANY_OBJECT,
  type Content,
  type Described,
  type Description,
  describe,
  objectOf,
  TAGS,
  TEXT,
  WHOLE,
} from './openapi.ts'
import { answerRoute, sendJson } from './reply.ts'

/** What only routes that need a token refuse. */
const OF_ADMINISTRATION: ReadonlySet<string> = new Set([
  ...['bad_change', 'bad_rule', 'unauthorized', 'forbidden'],
  ...['no_such_page', 'no_such_entry', 'changed'],
])
/** What the routes of version 1 refuse if STATS is private. */
const OF_PRIVATE: ReadonlySet<string> = new Set(['unauthorized', 'forbidden'])
const FIELD = { ...TEXT, description: 'What is wrong, such as `limit` or `pages[3]`' }
const BEARER = { bearer: { type: 'http', scheme: 'bearer' } } as const
/** How routes that need a token refuse: https://www.rfc-editor.org/rfc/rfc9457 */
const ADMIN_PROBLEM: Content = {
  'application/problem+json': {
    schema: objectOf(
      {
        type: TEXT,
        title: TEXT,
        status: WHOLE,
        detail: TEXT,
        code: { enum: Object.keys(STATUS) },
      },
      { field: FIELD },
    ),
  },
}
/** How the routes of version 1 refuse. */
const PROBLEM = {
  $id: 'Problem',
  ...objectOf(
    {
      type: { ...TEXT, description: 'Always `about:blank`' },
      title: { ...TEXT, description: 'The name of the status' },
      status: { ...WHOLE, description: 'The status of HTTP' },
      detail: { ...TEXT, description: 'One sentence that a person can act on' },
      code: { ...TEXT, description: 'The kind of refusal, such as `bad_page`; more may be added' },
    },
    { field: FIELD },
  ),
}
const PROBLEMS: Content = { 'application/problem+json': { schema: { $ref: 'Problem#' } } }
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

/** Writes the document of an app, once. */
export type ReadDocument = () => Promise<string>

/**
 * Adds `/openapi.json`, which describes the routes that are added afterwards: https://spec.openapis.org/oas/v3.1.0
 * @param publicUrl the address at which people reach the service, if it is known
 * @returns the document, for other routes
 */
export function openapiRoute(app: FastifyInstance, publicUrl: string | undefined): ReadDocument {
  app.addSchema(REFUSAL)
  app.addSchema(PROBLEM)
  const routes: RouteOptions[] = []
  app.addHook('onRoute', ({ method, url, config, handler }) => {
    if (config?.openapi && method !== 'HEAD') routes.push({ method, url, config, handler })
  })
  let text: Promise<string> | undefined
  const read = () => {
    text ??= writeDocument(app, routes, publicUrl).catch((error) => {
      text = undefined
      throw error
    })
    return text
  }
  const about = describe('Service', 'This document', {}, ANY_OBJECT)
  answerRoute(app, '/openapi.json', about, async (request, reply) => {
    sendJson(request, reply, await read())
  })
  return read
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
  const descriptions = await Promise.all(routes.map(descriptionOf))
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
      ...(descriptions.some(needsBearer) && {
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
  for (const [at, route] of routes.entries()) {
    app.route({ ...route, config: { openapi: descriptions[at] as Description } })
  }
  await app.ready()
  return JSON.stringify(shareParameters(app.swagger() as OpenAPIV3_1.Document))
}

const needsBearer = ({ secured = false, isPrivate = false }: Description) => secured || isPrivate

async function descriptionOf({ config }: RouteOptions): Promise<Description> {
  const openapi = config?.openapi as Described
  return typeof openapi === 'function' ? await openapi() : openapi
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
  const { tag, summary, parameters, answer, body, secured = false, problems, example } = description
  const content = contentOf(answer)
  const ofAnswer = answer === 'events' || answer === 'csv' ? {} : content
  const open = typeof answer === 'string' ? { ...ofAnswer, ...LINE } : contentOf(REFUSED)
  const refused = secured ? ADMIN_PROBLEM : problems ? PROBLEMS : open
  return {
    operationId: `${method}${url}`
      .toLowerCase()
      .replace(/\W(\w)/g, (_all, first) => first.toUpperCase()),
    summary,
    tags: [tag],
    querystring: { type: 'object', properties: parameters },
    ...(needsBearer(description) && { security: [{ bearer: [] }] }),
    ...(body && { body: { content: body } }),
    ...(example !== undefined && { 'x-example': example }),
    response: { 200: { description: summary, content }, ...refusals(description, refused) },
  }
}

/**
 * Refusals by their status, without those that this route never returns: 405, and 400 if it has no parameters. A route of version 1
 * refuses parameters that it does not have, too.
 */
function refusals({ parameters, secured = false, problems }: Description, content: Content) {
  const takes = problems !== undefined || Object.keys(parameters).length > 0
  const possible = Object.entries(STATUS).filter(([code, status]) => {
    if (code === 'not_found' || status === 405) return false
    if (secured || (problems === 'guarded' && OF_PRIVATE.has(code))) return true
    if (problems !== undefined && code === 'too_many_streams') return false
    return !OF_ADMINISTRATION.has(code) && (status !== 400 || takes)
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
