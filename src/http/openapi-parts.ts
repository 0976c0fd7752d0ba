import type { Field, Option, Schema } from '../badge/options/schema.ts'
import { STATUS } from '../refusal.ts'
import { OUTCOMES, UNCOUNTED_OUTCOMES } from '../visit.ts'

const TEXT = { type: 'string' } as const
const WHOLE = { type: 'integer', minimum: 0 } as const

/** The parameters that are not options of a badge, by the names of components. */
export const PARAMETERS = {
  url: query(
    'url',
    'The page; without it, `/active` is about all pages, and other routes take the Referer',
    {
      ...TEXT,
      maxLength: 2048,
      examples: ['https://example.com/a', 'my-project'],
    },
  ),
  period: query('period', 'Only the hits of this period; not together with `within`', {
    ...TEXT,
    examples: [
      'today',
      '24h',
      '30d',
      '365d',
      'last-week',
      'month',
      '2026-01',
      '2026-01-15',
      'total',
    ],
  }),
  within: query('within', 'Only the hits of a time up to now, in weeks, days, hours and minutes', {
    ...TEXT,
    examples: ['days=1,minutes=30'],
  }),
  tz: query('tz', "Where days begin, as an IANA name; else the instance's", {
    ...TEXT,
    examples: ['Europe/Berlin', 'UTC'],
  }),
  days: query('days', 'Days up to now', { ...WHOLE, minimum: 1, maximum: 366, default: 30 }),
  count: query('count', "The page's number", { ...WHOLE, maximum: 1e15 - 1, default: 1234 }),
  pixels: query('scale', 'Pixels for one px of the badge', { enum: [1, 2, 3], default: 1 }),
}

/** Each option of a badge, by its name. */
export function optionParameters(schema: Schema) {
  return Object.fromEntries(
    Object.entries(schema).map(([name, option]: [string, Option<unknown>]) => {
      // Links within docs/usage.md lead nowhere here.
      const about = option.about.replace(/\[([^\]]+)\]\(#[^)]*\)/g, '$1')
      const examples = option.examples.map((example) =>
        option.field.kind === 'number' ? Number(example) : example,
      )
      const type = { ...typeOf(option), examples }
      return [name, query(name, `${about}\n\nElse: ${option.otherwise}`, type)]
    }),
  )
}

function typeOf({ field }: Option<unknown>): object {
  const types: { [Kind in Field['kind']]: (field: Field & { kind: Kind }) => object } = {
    text: () => TEXT,
    colour: () => TEXT,
    choice: ({ choices, open }) => (open ? TEXT : { ...TEXT, enum: choices }),
    number: ({ least, most, whole }) => ({
      type: whole ? 'integer' : 'number',
      minimum: least,
      maximum: most,
    }),
    switch: () => ({ ...TEXT, enum: ['1', '0'] }),
  }
  return (types[field.kind] as (field: Field) => object)(field)
}

function query(name: string, description: string, schema: object) {
  return { name, in: 'query', description, schema }
}

const PERIOD = { period: TEXT, timeZone: TEXT }
const TALLIES = Object.fromEntries(
  ['counted', ...UNCOUNTED_OUTCOMES].map((outcome) => [outcome, WHOLE]),
)
const RANKED = list(object({ name: TEXT, hits: WHOLE }))

/** The schemas of answers in JSON, and of what is posted. */
export const SCHEMAS = {
  Count: object(
    {
      page: TEXT,
      count: WHOLE,
      today: WHOLE,
      counted: { type: 'boolean' },
      outcome: { enum: OUTCOMES },
      message: TEXT,
    },
    PERIOD,
  ),
  Why: object({
    page: TEXT,
    ...PERIOD,
    total: object(TALLIES),
    days: list(object({ day: { ...TEXT, format: 'date' }, ...TALLIES })),
  }),
  Active: object({
    page: { type: ['string', 'null'] },
    active: WHOLE,
    minutes: { ...WHOLE, minimum: 1 },
  }),
  /** https://shields.io/badges/endpoint-badge */
  Endpoint: object(
    { schemaVersion: { const: 1 }, label: TEXT, message: TEXT, color: TEXT, style: TEXT },
    { labelColor: TEXT, namedLogo: TEXT, logoColor: TEXT, logoWidth: { type: 'number' } },
  ),
  Top: object({ hosts: RANKED, pages: RANKED }),
  Any: { type: 'object' },
  Posted: object({}, { url: TEXT, tz: TEXT, period: TEXT, within: TEXT }),
  Refusal: object({ error: object({ code: { enum: Object.keys(STATUS) }, message: TEXT }) }),
} as const

function object(properties: object, optional: object = {}) {
  return {
    type: 'object',
    required: Object.keys(properties),
    properties: { ...properties, ...optional },
  }
}

function list(items: object) {
  return { type: 'array', items }
}
