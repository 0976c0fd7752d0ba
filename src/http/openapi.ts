import type { FastifyInstance } from 'fastify'
import { OPTIONS_OF } from '../badge/options/options.ts'
import type { Schema } from '../badge/options/schema.ts'
import { STATUS } from '../refusal.ts'
import { optionParameters, PARAMETERS, SCHEMAS } from './openapi-parts.ts'
import { answerRoute, sendJson } from './reply.ts'

/** A route for programs. The end of its path names the form of its answer. */
interface Route {
  path: string
  about: string
  /** Parameters, by the names of components. */
  takes: readonly string[]
  /** The schema of its JSON. */
  json?: keyof typeof SCHEMAS
  /** Whether it takes POST too, with the page in the body. */
  posts?: true
}

interface Instance {
  schema: Schema
  /** The address at which people reach the service, if it is known. */
  publicUrl: string | undefined
}

const PAGE = ['url', 'period', 'within', 'tz']
/** `/openapi.json`: describes every route for programs by OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.0 */
export function openapiRoute(app: FastifyInstance, instance: Instance): void {
  const body = JSON.stringify(describe(instance))
  answerRoute(app, '/openapi.json', (request, reply) => sendJson(request, reply, body))
}

function describe({ schema, publicUrl }: Instance) {
  const routes = routesFor()
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tallymark',
      version: '1',
      description:
        'Counts page visits and answers with a badge. HEAD never counts. Any origin may read the answers; ' +
        'with credentials, the window cookie keeps a reload from counting.',
    },
    // Relative to the document's own address, since a proxy may serve all under a prefix.
    servers: [{ url: publicUrl ?? '.' }],
    paths: Object.fromEntries(routes.map((route) => [route.path, operations(route)])),
    components: { parameters: { ...PARAMETERS, ...optionParameters(schema) }, schemas: SCHEMAS },
  }
}

/* biome-ignore format: one route a line is easier to read */
function routesFor(): Route[] {
  const { svg, png, active, shields, card } = OPTIONS_OF
  const tag = [...PAGE, ...svg]
  const tagPng = ['pixels', ...PAGE, ...png]
  const activePng = ['pixels', 'url', ...[...active].filter((name) => png.has(name))]
  return [
    { path: '/count/tag.svg', about: 'Counts a visit; the number as a badge', takes: tag },
    { path: '/count/tag.png', about: 'Counts a visit; the badge as PNG', takes: tagPng },
    { path: '/count', about: 'Counts a visit; the number', takes: PAGE, posts: true },
    { path: '/count.json', about: 'Counts a visit; whether it did, and why', takes: PAGE, json: 'Count', posts: true },
    { path: '/nocount/tag.svg', about: 'The number as a badge', takes: tag },
    { path: '/nocount/tag.png', about: 'The badge as PNG', takes: tagPng },
    { path: '/nocount', about: 'The number', takes: PAGE },
    { path: '/nocount.json', about: 'The number as JSON', takes: PAGE, json: 'Count' },
    { path: '/graph.svg', about: 'Hits by day as a card', takes: ['url', 'days', 'tz', ...card] },
    { path: '/shields.json', about: 'The number for shields.io', takes: [...PAGE, ...shields], json: 'Endpoint' },
    { path: '/why.json', about: 'What became of visits, by day; 30 days by default', takes: PAGE, json: 'Why' },
    { path: '/active', about: 'Active visits, to a page or in all', takes: ['url'] },
    { path: '/active.json', about: 'Active visits as JSON', takes: ['url'], json: 'Active' },
    { path: '/active/tag.svg', about: 'Active visits as a badge', takes: ['url', ...active] },
    { path: '/active/tag.png', about: 'That badge as PNG', takes: activePng },
    { path: '/sample/tag.svg', about: 'A badge with made-up numbers, to see how it looks', takes: ['count', ...svg] },
    { path: '/sample/graph.svg', about: 'A card with made-up numbers', takes: ['count', 'days', ...card] },
    { path: '/sample/looks.svg', about: 'The looks to begin with, in one drawing', takes: [] },
    { path: '/logos.svg', about: 'The logos in `names`, at most 24, in one drawing', takes: [] },
    { path: '/logos.json', about: 'The names of all logos', takes: [], json: 'Any' },
    { path: '/preview.json', about: 'What the tag builder shows beside a badge: its page, all that is wrong, similar pages', takes: [], json: 'Any' },
    { path: '/top.json', about: 'Hosts and pages with the most hits', takes: [], json: 'Top' },
    { path: '/instance.json', about: 'Settings of this instance that the tag builder needs', takes: [], json: 'Any' },
    { path: '/me.json', about: 'Your request as it arrived: scheme, host, address, and the attributes of its window cookie', takes: [], json: 'Any' },
    { path: '/openapi.json', about: 'This document', takes: [], json: 'Any' },
    { path: '/healthz', about: '`ok` while the database answers', takes: [] },
  ]
}

function operations({ path, about, takes, json, posts }: Route) {
  const image = /\.(svg|png)$/.exec(path)?.[1]
  const text = { 'text/plain': { schema: { type: 'string' } } }
  const answers = image
    ? { [image === 'svg' ? 'image/svg+xml' : 'image/png']: {} }
    : json
      ? { 'application/json': { schema: ref('schemas', json) } }
      : text
  const operation = {
    summary: about,
    parameters: takes.map((name) => ref('parameters', name)),
    responses: {
      200: { description: about, content: answers },
      ...refusals(takes.length === 0, {
        ...(image && answers),
        ...(json ? { 'application/json': { schema: ref('schemas', 'Refusal') } } : text),
      }),
    },
  }
  if (!posts) return { get: operation }
  const posted = { schema: ref('schemas', 'Posted') }
  const forms = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']
  const content = {
    ...Object.fromEntries(forms.map((type) => [type, posted])),
    'text/plain': { schema: { type: 'string', description: 'The page' } },
  }
  return { get: operation, post: { ...operation, requestBody: { content } } }
}

/** Refusals by their status, without those that an existing route never gives for a method that it takes. */
function refusals(takesNothing: boolean, content: object) {
  const codes = Object.groupBy(Object.entries(STATUS), ([, status]) => status)
  const all = Object.entries(codes).map(([status, those = []]) => {
    const description = those.map(([code]) => `\`${code}\``).join(', ')
    return [status, { description, content }] as const
  })
  const never = takesNothing ? ['400', '404', '405'] : ['404', '405']
  return Object.fromEntries(all.filter(([status]) => !never.includes(status)))
}

function ref(kind: 'parameters' | 'schemas', name: string) {
  return { $ref: `#/components/${kind}/${name}` }
}
