import { type Form, OPTIONS_OF } from '../badge/options/options.ts'
import type { Field, Option, Schema } from '../badge/options/schema.ts'
import { TALLIED_OUTCOMES } from '../tallies.ts'

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
  /** Set if refusals are problem details although the route is open; `guarded`, if it is open only while STATS is public. */
  problems?: 'open' | 'guarded'
  /** Whether such a route needs a bearer token on this instance. */
  isPrivate?: boolean
  /** A query or a body with which the route can be tried. */
  example?: string
}
/** A description of which parts are loaded only when they are needed. */
export type Described = Description | (() => Promise<Description>)
/** JSON Schemas by the names of the values. */
type Properties = Record<string, object>
export type Content = Record<string, { schema: object }>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What /openapi.json says about the route; routes for people have none. */
    openapi?: Described
  }
}

export const TAGS = {
  API: 'Version 1: what it promises to keep is in docs/api.md',
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

/** A number of visits for each outcome. */
export const TALLIES = objectOf(
  Object.fromEntries(TALLIED_OUTCOMES.map((outcome) => [outcome, WHOLE])),
)

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
