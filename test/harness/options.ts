import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { BadgeOptions } from '../../src/badge/options/options.ts'
import { createSchema, type Option } from '../../src/badge/options/schema.ts'
import { color } from './colors.ts'
import { ILLUSTRATOR, INKSCAPE, svg } from './drawings.ts'
import { NASTY } from './nasty.ts'

type AnyOption = Option<BadgeOptions[keyof BadgeOptions]>

const SCHEMA: [string, AnyOption][] = Object.entries(createSchema())

/** Values as a tag sends them, by option. */
export type Sent = Record<string, string | string[] | undefined>

const pair = fc.oneof(color, fc.tuple(color, color).map(String))

const inBase64 = (type: string, content: string | Buffer) =>
  `data:image/${type};base64,${Buffer.from(content).toString('base64')}`
const PNG =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8AARGDiPwMAHfAD/aAzCYkAAAAASUVORK5CYII='
/** Short drawings that become as long as allowed when the service writes them again. */
const GREEDY = [
  svg(`<path d="M0 0${'h1e-9'.repeat(1100)}"/>`),
  svg(`<path d="M0 0${'a1 1 0 0111'.repeat(500)}"/>`),
  svg('<g/>'.repeat(490)),
  svg('<g style="fill:red"/>'.repeat(250)),
]
const IMAGES = [
  PNG,
  ...[INKSCAPE, ILLUSTRATOR, ...GREEDY].map((drawing) => inBase64('svg+xml', drawing)),
]
const BAD_IMAGES = [
  PNG.slice(0, 60),
  PNG.replace('png', 'jpeg'),
  inBase64('svg+xml', svg('<script>alert(1)</script><image href="https://example.com/"/>')),
  inBase64('svg+xml', `<!DOCTYPE svg [<!ENTITY a "b">]>${svg('&a;')}`),
  inBase64('gif', Buffer.from(`GIF89a${'\uffff'.repeat(20)}`, 'latin1')),
  'data:text/html;base64,PHNjcmlwdD4=',
]

const ICONS: { slug: string }[] = JSON.parse(
  readFileSync(new URL(import.meta.resolve('simple-icons/icons.json')), 'utf8'),
)
/** The drawings with the longest paths. */
const LARGEST = ['elsevier', 'composer', 'unilever']
const logos = fc.oneof(
  { weight: 38, arbitrary: fc.constantFrom(...ICONS).map(({ slug }) => slug) },
  { weight: 1, arbitrary: fc.constantFrom(...LARGEST, 'Node.js') },
  { weight: 2, arbitrary: fc.constantFrom(...IMAGES) },
)

const word = fc.string({ unit: fc.constantFrom(...'aZ09 <>&"\'éß👍漢ا{}'), maxLength: 30 })
const steps = fc
  .array(fc.tuple(fc.nat({ max: 2000 }), color), { minLength: 1, maxLength: 12 })
  .map((all) => all.map(([from, name]) => `${from}:${name}`).join())

const PERIODS = ['total', '24h', 'yesterday', '2026-01-15', '2025-12-total', '1999', 'month-year']

const inSteps = ({ least, most, step }: { least: number; most: number; step: number }) =>
  fc.integer({ min: least / step, max: most / step }).map((many) => String(many * step))

/** Values that fit an option's field on the page. Some options take only a part of them. */
function likely(name: string, { field, examples }: AnyOption): fc.Arbitrary<string> {
  const example = fc.constantFrom(...examples)
  if (name === 'logo') return logos
  if (name === 'colorSteps') return fc.oneof(example, steps)
  if (name === 'show') return fc.oneof(example, fc.constantFrom(...PERIODS))
  switch (field.kind) {
    case 'text':
      return fc.oneof(example, word)
    case 'colour':
      return fc.oneof(example, pair)
    case 'choice':
      return fc.oneof(example, fc.constantFrom(...field.choices))
    case 'number':
      return fc.oneof(example, inSteps(field))
    case 'switch':
      return fc.constantFrom('1', '0', 'true', 'no')
  }
}

const hostile = fc.oneof(
  fc.constantFrom(...NASTY, ...BAD_IMAGES).filter((value) => value.isWellFormed()),
  fc.string({
    unit: fc.constantFrom(...'<>&"\'/=!-;:{}%,.()# \u0000\u0085\ufffe1ae'),
    maxLength: 60,
  }),
  fc.integer({ min: 1, max: 400 }).map((many) => '9'.repeat(many)),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '-1',
    '1e9',
    'NaN',
    '0x10',
    'null',
    '١٢',
    'url(#a)',
    '2026-02-30',
  ),
)

/** Changes a value by a character or so. */
const nearly = (value: fc.Arbitrary<string>) =>
  fc.tuple(value, fc.nat({ max: 5 })).map(([value, way]) => {
    const ways = [`${value},`, `-${value}`, value.slice(0, -1), value.toUpperCase(), `${value}0`]
    return ways[way] ?? `${value}\u0000`
  })

const valid: Record<string, fc.Arbitrary<string>> = {}
const any: Record<string, fc.Arbitrary<string | string[]>> = {}
for (const [name, option] of SCHEMA) {
  const value = likely(name, option)
  valid[name] = value.filter((value) => option.read(value) !== null)
  any[name] = fc.oneof(
    { weight: 30, arbitrary: value },
    { weight: 2, arbitrary: nearly(value) },
    { weight: 2, arbitrary: hostile },
    { weight: 1, arbitrary: fc.tuple(value, value) },
  )
}

/** A few options at once: making up values for all of them would take most of the time. */
const some = <Value>(values: Record<string, fc.Arbitrary<Value>>) => {
  const pairs = Object.entries(values).map(([name, value]) =>
    value.map((value): [string, Value] => [name, value]),
  )
  return fc.array(fc.oneof(...pairs), { maxLength: 10 }).map((chosen) => Object.fromEntries(chosen))
}

/** Some options of the schema, each with a value that it reads. */
export const validOptions: fc.Arbitrary<Sent> = some(valid)
/** The same, with values among them that are nearly right, or hostile, or given twice. */
export const anyOptions: fc.Arbitrary<Sent> = some(any)

export function queryOf(sent: Sent): string {
  const pairs = Object.entries(sent).flatMap(([name, value]) =>
    [value ?? []].flat().map((each) => [name, each]),
  )
  return String(new URLSearchParams(pairs))
}
