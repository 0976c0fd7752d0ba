import type { OpenAPIV3_1 } from 'openapi-types'
import { escapeHtml } from '../site/html.ts'

export type Document = OpenAPIV3_1.Document
/** A JSON Schema, of which some keywords are read. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  description?: string
  enum?: unknown[]
  const?: unknown
  format?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  minimum?: number
  maximum?: number
  maxItems?: number
}

/** How deep objects within objects are listed. */
const MAX_DEPTH = 4

/** What a reference such as `#/components/schemas/Problem` stands for. */
export function resolve<Part extends object>(document: Document, part: Part | { $ref: string }) {
  if (!('$ref' in part) || typeof part.$ref !== 'string') return part as Part
  const [, , kind = '', name = ''] = part.$ref.split('/')
  const components = (document.components ?? {}) as Record<string, Record<string, object>>
  return components[kind]?.[name] as Part
}

/** Text of the document as HTML: what stands in backticks is code. */
export function prose(text: string): string {
  return escapeHtml(text).replace(/&#96;([^&]*)&#96;|`([^`]*)`/g, '<code>$1$2</code>')
}

const NAMES: Readonly<Record<string, string>> = {
  integer: 'whole number',
  number: 'number',
  string: 'text',
  boolean: 'true or false',
  null: 'null',
  object: 'object',
}

/** The type of a value in words, such as `whole number from 1 to 200`, as HTML. */
export function typeOf(document: Document, given: Schema): string {
  const schema = resolve<Schema>(document, given)
  if (schema.const !== undefined) return code(schema.const)
  if (schema.enum) return schema.enum.map(code).join(', ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return [...new Set(choices.map((each) => typeOf(document, each)))].join(' or ')
  if (schema.type === 'array') {
    const most = schema.maxItems ? ` of at most ${schema.maxItems.toLocaleString('en')}` : ''
    const items = typeOf(document, schema.items ?? {})
    return items === 'object' ? `list${most || ' of'} objects` : `list${most}: ${items}`
  }
  const names = [schema.type ?? 'object'].flat().map((type) => NAMES[type] ?? type)
  const { minimum, maximum } = schema
  const range = maximum !== undefined && maximum < 1e6 ? ` from ${minimum} to ${maximum}` : ''
  return `${names.join(' or ')}${schema.format === 'date-time' ? ', a time as ISO 8601' : ''}${range}`
}

const code = (value: unknown) => `<code>${escapeHtml(String(value))}</code>`

/** The fields of an object, or of the objects in a list, with those within them; empty if it has none. */
export function fieldsOf(document: Document, given: Schema, depth = 0): string {
  const objects = objectsIn(document, given)
  if (objects.length === 0 || depth > MAX_DEPTH) return ''
  const lists = objects.map(({ properties = {}, required = [] }) => {
    const rows = Object.entries(properties).map(([name, field]) => {
      const about = resolve<Schema>(document, field)
      const text = field.description ?? about.description ?? describedChoice(about)
      const optional = required.includes(name) ? '' : ', may be missing'
      return `<li><p><code class="name">${escapeHtml(name)}</code> <span class="type">${typeOf(document, field)}${optional}</span></p>
        ${text ? `<p class="hint">${prose(text)}</p>` : ''}${fieldsOf(document, field, depth + 1)}</li>`
    })
    return `<ul class="fields">${rows.join('')}</ul>`
  })
  return lists.join('<p class="or">or</p>')
}

/** The description of that part of a choice which is not null. */
const describedChoice = ({ anyOf = [] }: Schema) =>
  anyOf.find(({ description }) => description)?.description

/** The objects of which a value may be, or be a list. */
function objectsIn(document: Document, given: Schema): Schema[] {
  const schema = resolve<Schema>(document, given)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.flatMap((each) => objectsIn(document, each))
  if (schema.items) return objectsIn(document, schema.items)
  return schema.properties ? [schema] : []
}
