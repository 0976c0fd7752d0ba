import { FACE_NAMES } from '../digits/faces.ts'
import { THEMES } from '../style/theme.ts'
import { parsePair } from './color.ts'
import { FORMATS, readFormat } from './format.ts'
import { readLogo } from './old-logo.ts'
import { type BadgeOptions, MAX_AFFIX, MAX_LABEL, MAX_STEPS, STYLES, TRENDS } from './options.ts'
import {
  number,
  oneOf,
  parseAffix,
  parseLabel,
  parseShow,
  parseSteps,
  parseSwitch,
  whole,
} from './parse.ts'

const MAX_BASE = 1e12

/** A control for an option on a page. */
export type Field =
  | { kind: 'text'; most: number }
  | { kind: 'colour' }
  | { kind: 'choice'; choices: readonly string[]; open?: true }
  | { kind: 'number'; least: number; most: number; step: number }
  | { kind: 'switch' }

/** An option of the schema: how it is read, and what is told of it, in the docs, on the home page and to programs. */
export interface Option<Value> {
  /** Null where the value is none. */
  read(value: string): Value | null
  /** Ends the sentence that refuses it: `radius must be …`. */
  wanted: string
  /** Markdown: what it does. */
  about: string
  /** Markdown: what holds where it is not given. */
  otherwise: string
  /** Some that work. */
  examples: readonly string[]
  field: Field
  group: Group
}

export const GROUPS = ['Text', 'Colours', 'Shape', 'Logo', 'Number', 'Over time', 'Digits'] as const
type Group = (typeof GROUPS)[number]
export type Schema = { [Name in keyof BadgeOptions]: Option<BadgeOptions[Name]> }

const COLOR =
  'a colour such as 4c1, orange or rgb(0,128,255), or two: for light ground and for dark'
const colour = {
  read: parsePair,
  wanted: COLOR,
  field: { kind: 'colour' },
  group: 'Colours',
} as const

/** @param faces the names of an operator's own digits */
export function createSchema(faces: readonly string[] = []): Schema {
  const allFaces = [...FACE_NAMES, ...faces]
  return {
    label: {
      read: parseLabel,
      wanted: `text of at most ${MAX_LABEL} characters`,
      about: `at most ${MAX_LABEL} characters; empty for none`,
      otherwise: "the instance's, `hits`",
      examples: ['visits', ''],
      field: { kind: 'text', most: MAX_LABEL },
      group: 'Text',
    },
    prefix: {
      read: parseAffix,
      wanted: `text of at most ${MAX_AFFIX} characters`,
      about: `stands before the number, at most ${MAX_AFFIX} characters`,
      otherwise: 'nothing',
      examples: ['#'],
      field: { kind: 'text', most: MAX_AFFIX },
      group: 'Text',
    },
    suffix: {
      read: parseAffix,
      wanted: `text of at most ${MAX_AFFIX} characters`,
      about: 'stands behind it, likewise',
      otherwise: 'nothing',
      examples: [' views'],
      field: { kind: 'text', most: MAX_AFFIX },
      group: 'Text',
    },
    color: {
      ...colour,
      about:
        "the number's ground: hex with or without `#`, a CSS colour such as `rebeccapurple`, `rgb(0,128,255)` or " +
        "`hsl(120,50%,50%)`, or one of badge-maker's names, such as `brightgreen`, which come first. Two with a comma " +
        'between them are for light ground and for dark, as with all colours but `colorSteps`. On a face, the digits',
      otherwise: "the instance's, `4c1`",
      examples: ['blue', '4c1,2ea043'],
    },
    labelColor: {
      ...colour,
      about: "the label's ground, likewise; on a face, what the digits stand on",
      otherwise: '`555`, on dark ground `30363d`',
      examples: ['24292f'],
    },
    textColor: {
      ...colour,
      about: 'the text on both sides, whether it can be read or not',
      otherwise: 'white, or dark where white has less than 4.5 to 1 of contrast',
      examples: ['fff'],
    },
    colorSteps: {
      read: parseSteps,
      wanted: `at most ${MAX_STEPS} steps such as 100:yellow,1000:orange`,
      about: `the colour from a number on, at most ${MAX_STEPS} steps: \`100:yellow,1000:orange,10000:red\``,
      otherwise: '`color`',
      examples: ['100:yellow,1000:orange,10000:red'],
      field: { kind: 'text', most: 300 },
      group: 'Colours',
    },
    theme: {
      read: oneOf(THEMES),
      wanted: `one of ${THEMES.join(', ')}`,
      about: "`light`, `dark`, or `auto`: as the viewer's system says",
      otherwise: '`light`; `auto` on faces, and where a colour is given for dark ground',
      examples: ['auto'],
      field: { kind: 'choice', choices: THEMES },
      group: 'Colours',
    },
    style: {
      read: oneOf(STYLES),
      wanted: `one of ${STYLES.join(', ')}`,
      about: `${list(STYLES)}. \`social\` has no colours but the text's`,
      otherwise: '`flat`',
      examples: ['for-the-badge'],
      field: { kind: 'choice', choices: STYLES },
      group: 'Shape',
    },
    radius: {
      read: number(0, 14),
      wanted: 'a number from 0 to 14',
      about: 'how round the corners are, 0 to 14 px',
      otherwise: "the style's own",
      examples: ['10'],
      field: { kind: 'number', least: 0, most: 14, step: 1 },
      group: 'Shape',
    },
    scale: {
      read: number(0.5, 4),
      wanted: 'a number from 0.5 to 4',
      about: 'how large it is, 0.5 to 4',
      otherwise: '1',
      examples: ['1.5'],
      field: { kind: 'number', least: 0.5, most: 4, step: 0.25 },
      group: 'Shape',
    },
    animate: {
      read: parseSwitch,
      wanted: '1 or 0',
      about:
        '`1` counts up to the number, softly; still for people who asked their system for less motion',
      otherwise: '`0`',
      examples: ['1'],
      field: { kind: 'switch' },
      group: 'Shape',
    },
    logo: {
      read: readLogo,
      wanted: 'the name of a logo of simpleicons.org, or a small image as a data: address',
      about:
        'the name of a logo of [simpleicons.org](https://simpleicons.org), such as `github`; or a `data:` image, PNG, JPEG, ' +
        'GIF, WebP or SVG, of at most 8,192 characters and 512 px each way',
      otherwise: 'none',
      examples: ['github'],
      field: { kind: 'text', most: 8192 },
      group: 'Logo',
    },
    logoColor: {
      ...colour,
      about: "the logo's colour, if it is one by name",
      otherwise: "its brand's, where that can be told from the ground, else the text's",
      examples: ['white'],
      group: 'Logo',
    },
    logoWidth: {
      read: number(1, 100),
      wanted: 'a number from 1 to 100',
      about: 'the room that it has, 1 to 100 px',
      otherwise: '14',
      examples: ['20'],
      field: { kind: 'number', least: 1, most: 100, step: 1 },
      group: 'Logo',
    },
    format: {
      read: readFormat,
      wanted: `one of ${FORMATS.join(', ')}, or a language such as de or en-IN`,
      about:
        '`plain`, `comma` 1,234, `space` 1 234, `dot` 1.234, `indian` 1,23,456, `compact` 1.2k, `roman` MCCXXXIV (up to ' +
        '3,999), or as a language writes it, by its BCP 47 name such as `de-CH`',
      otherwise: '`plain`',
      examples: ['comma', 'de-CH'],
      field: { kind: 'choice', choices: FORMATS, open: true },
      group: 'Number',
    },
    base: {
      read: whole(0, MAX_BASE),
      wanted: 'a whole number from 0 to 1000000000000',
      about: 'is added to the total: a start carried over from another counter',
      otherwise: '0',
      examples: ['5000'],
      field: { kind: 'number', least: 0, most: MAX_BASE, step: 1 },
      group: 'Number',
    },
    show: {
      read: parseShow,
      wanted: 'a period such as total, today or 7d, or two such as today-total',
      about:
        'one [period](#numbers-over-time), or two with a hyphen between them: `total`, `today`, `today-total`, `7d-30d`. ' +
        'Not together with `period` or `within`',
      otherwise: '`total`',
      examples: ['today-total'],
      field: {
        kind: 'choice',
        choices: ['total', 'today', 'today-total', '7d', '30d', 'week', 'month', 'year'],
        open: true,
      },
      group: 'Over time',
    },
    trend: {
      read: oneOf(TRENDS),
      wanted: `one of ${TRENDS.join(', ')}`,
      about: `a line of the last days or months, a minute old at most: ${list(TRENDS)}`,
      otherwise: 'none',
      examples: ['30d'],
      field: { kind: 'choice', choices: TRENDS },
      group: 'Over time',
    },
    face: {
      read: (value) => allFaces.find((face) => face === value) ?? null,
      wanted: `one of ${allFaces.join(', ')}`,
      about: `the number as ${list(FACE_NAMES)} draw it, by its digits alone; \`tally\` up to 100`,
      otherwise: 'a badge',
      examples: ['odometer'],
      field: { kind: 'choice', choices: allFaces },
      group: 'Digits',
    },
    digits: {
      read: whole(1, 12),
      wanted: 'a whole number from 1 to 12',
      about: 'least number of digits on a face, filled up with zeros',
      otherwise: '1',
      examples: ['6'],
      field: { kind: 'number', least: 1, most: 12, step: 1 },
      group: 'Digits',
    },
  }
}

function list(choices: readonly string[]): string {
  return choices.map((choice) => `\`${choice}\``).join(', ')
}
