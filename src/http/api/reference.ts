import type { FastifyInstance } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import type { RouteParts } from '../app.ts'
import { sendFile } from '../site/files.ts'
import { baseOf, escapeHtml, fill } from '../site/html.ts'
import { type Document, fieldsOf, prose, resolve, type Schema, typeOf } from './fields.ts'

/** The groups of routes that are described in full. The others are drawn for people, or told in docs/usage.md. */
const FULL = ['API', 'Owners', 'Administration']
const TITLES: Readonly<Record<string, string>> = { API: 'Version 1', Owners: 'Owners of pages' }
/** Values of a parameter that are shown. */
const MAX_EXAMPLES = 2
/** Stands for the address of the instance. */
const BASE = '{{base}}'

type Operation = OpenAPIV3_1.OperationObject & { 'x-example'?: string }
interface Route {
  method: 'get' | 'post'
  path: string
  operation: Operation
}

/** `/api`: /openapi.json as a page for people. Everything on it comes from that document. */
export function referenceRoute(app: FastifyInstance, html: string, parts: RouteParts): void {
  const { publicUrl } = parts.settings.http
  let text: Promise<string> | undefined
  app.get('/api', async (request, reply) => {
    text ??= parts
      .document()
      .then((document) => draw(html, JSON.parse(document)))
      .catch((error) => {
        // A failure is not kept; the next request tries again.
        text = undefined
        throw error
      })
    const base = escapeHtml(baseOf(request, publicUrl))
    const page = (await text).replaceAll(BASE, () => base)
    return sendFile(request, reply, 'text/html; charset=utf-8', page, 'no-cache')
  })
}

function draw(html: string, document: Document): string {
  const routes = routesOf(document)
  const groups = FULL.flatMap((tag) => {
    const ofTag = routes.filter(({ operation }) => operation.tags?.[0] === tag)
    return ofTag.length === 0 ? [] : [{ tag, title: TITLES[tag] ?? tag, routes: ofTag }]
  })
  const others = routes.filter(({ operation }) => !FULL.includes(operation.tags?.[0] ?? ''))
  return fill(html, new Set(), {
    base: BASE,
    contents: groups
      .map(({ title, routes }) => `<p>${title}</p><ul>${routes.map(link).join('')}</ul>`)
      .join(''),
    groups: groups
      .map(
        ({ tag, title, routes }) =>
          `<h2 id="${tag.toLowerCase()}">${title}</h2>${routes.map((route) => section(document, route)).join('')}`,
      )
      .join(''),
    others: others
      .map(
        ({ method, path, operation: { summary = '' } }) =>
          `<li>${nameOf(method, path)} <span class="hint">${prose(summary)}</span></li>`,
      )
      .join(''),
  })
}

function routesOf({ paths = {} }: Document): Route[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    (['get', 'post'] as const).flatMap((method) => {
      const operation = item?.[method]
      return operation ? [{ method, path, operation }] : []
    }),
  )
}

const nameOf = (method: string, path: string) =>
  `<b class="method">${method.toUpperCase()}</b> <code>${escapeHtml(path).replaceAll('/', '/<wbr>')}</code>`

const link = ({ method, path, operation }: Route) =>
  `<li><a href="#${operation.operationId}">${nameOf(method, path.replace('/api/v1', ''))}<span class="about">${prose(operation.summary ?? '')}</span></a></li>`

/** All about one route. */
function section(document: Document, route: Route): string {
  const { method, path, operation } = route
  const id = operation.operationId as string
  const answer = operation.responses?.[200] as OpenAPIV3_1.ResponseObject
  const body = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined
  const schemaIn = (part?: { content?: Record<string, { schema?: object }> }) =>
    (part?.content?.['application/json']?.schema ?? {}) as Schema
  const parts = [
    ['Parameters', parametersOf(document, operation)],
    ['Body', body ? fieldsOf(document, schemaIn(body)) : ''],
    ['Answer', fieldsOf(document, schemaIn(answer)) || mediaOf(answer)],
    ['Refusals', refusalsOf(operation)],
  ] as const
  return `<section class="card route" id="${id}" aria-labelledby="${id}-title">
      <h3 id="${id}-title"><a href="#${id}">${nameOf(method, path)}</a></h3>
      <p>${prose(operation.summary ?? '')}</p>
      <pre><code>${exampleOf(route)}</code></pre>
      ${parts.map(([title, html]) => (html === '' ? '' : `<h4>${title}</h4>${html}`)).join('')}
    </section>`
}

/** What an answer is that has no fields: another type than JSON, or an empty object. */
const mediaOf = ({ content = {} }: OpenAPIV3_1.ResponseObject) =>
  `<p class="hint">${Object.keys(content).map(escapeHtml).join(' or ')}</p>`

function parametersOf(document: Document, { parameters = [] }: Operation): string {
  const rows = parameters.map((each) => {
    const parameter = resolve<OpenAPIV3_1.ParameterObject>(document, each)
    const { name, description = '', schema = {} } = parameter
    return `<li><p><code class="name">${escapeHtml(name)}</code> <span class="type">${typeOf(document, schema as Schema)}</span></p>
        <p class="hint">${prose(description)}${examplesOf(parameter)}</p></li>`
  })
  return rows.length === 0 ? '' : `<ul class="fields">${rows.join('')}</ul>`
}

function examplesOf({ example, examples = {} }: OpenAPIV3_1.ParameterObject): string {
  const values = example === undefined ? Object.keys(examples).slice(0, MAX_EXAMPLES) : [example]
  return values.length === 0
    ? ''
    : `, such as ${values.map((value) => `<code>${escapeHtml(String(value))}</code>`).join(' or ')}`
}

function refusalsOf({ responses = {} }: Operation): string {
  const rows = Object.entries(responses).flatMap(([status, response]) =>
    status === '200' || !('description' in response)
      ? []
      : [`<li><b>${status}</b> ${prose(response.description)}</li>`],
  )
  return `<ul class="refusals">${rows.join('')}</ul>`
}

/** How to try a route on a command line. */
function exampleOf({ method, path, operation }: Route): string {
  const { security, 'x-example': example = '' } = operation
  const isPost = method === 'post'
  const query = isPost || example === '' ? '' : `?${example}`
  const lines = [
    `curl "${BASE}${path}${query}"`,
    ...(security ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...(isPost ? ['-H "Content-Type: application/json"', `-d '${example || '{…}'}'`] : []),
  ]
  return lines.map((line) => escapeHtml(line)).join(' \\\n  ')
}
