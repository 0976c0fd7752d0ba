import { FACE_NAMES } from '../digits/faces.ts'
import { SPARKLINE_PERIODS } from '../sparkline.ts'
import { THEMES } from '../style/theme.ts'
import { FORMATS, readFormat } from './format.ts'
import { readLogo } from './logo.ts'
import { type BadgeOptions, MAX_AFFIX, MAX_LABEL, MAX_STEPS, STYLES } from './options.ts'
import {
  numberParser,
  parseAffix,
  parseColorPair,
  parseLabel,
  parseShow,
  parseSteps,
  parseSwitch,
} from './parse.ts'

/** The control for an option on a page. */
export type Field =
  | { kind: 'text'; most: number }
  | { kind: 'colour' }
  | { kind: 'choice'; choices: readonly string[]; open?: true }
  | { kind: 'number'; least: number; most: number; step: number; whole: boolean }
  | { kind: 'switch' }

/** How an option is read, and how the docs, the home page and the OpenAPI document describe it. */
export interface Option<Value> {
  /** @returns null if the value is wrong */
  read(value: string): Value | null
  /** The end of the sentence that refuses a wrong value: `radius must be …`. */
  wanted: string
  /** What the option does, in Markdown. */
  about: string
  /** What happens without it, in Markdown. */
  otherwise: string
  /** Some values that work. */
  examples: readonly string[]
  field: Field
  group: Group
}

export const GROUPS = ['Text', 'Colours', 'Shape', 'Logo', 'Number', 'Over time', 'Digits'] as const
type Group = (typeof GROUPS)[number]
export type Schema = { [Name in keyof BadgeOptions]: Option<BadgeOptions[Name]> }

/** The parts of an option that follow from the kind of its value. */
type ValueKind<Value> = Pick<Option<Value>, 'read' | 'wanted' | 'field'>

const COLOR: ValueKind<BadgeOptions['color']> = {
  read: parseColorPair,
  wanted: 'a colour such as 4c1, orange or rgb(0,128,255), or two: for light pages and for dark',
  field: { kind: 'colour' },
}

function text(most: number, read: ValueKind<string>['read']): ValueKind<string> {
  return { read, wanted: `text of at most ${most} characters`, field: { kind: 'text', most } }
}

function choice<Choice extends string>(choices: readonly Choice[]): ValueKind<Choice> {
  return {
    read: (value) => choices.find((choice) => choice === value) ?? null,
    wanted: `one of ${choices.join(', ')}`,
    field: { kind: 'choice', choices },
  }
}

function number(least: number, most: number, step: number, whole = false): ValueKind<number> {
  return {
    read: numberParser(least, most, whole),
    wanted: `a ${whole ? 'whole ' : ''}number from ${least} to ${most}`,
    field: { kind: 'number', least, most, step, whole },
  }
}

function affix(place: 'before' | 'after', example: string): Option<string> {
  return {
    ...text(MAX_AFFIX, parseAffix),
    about: `stands ${place} the number, at most ${MAX_AFFIX} characters`,
    otherwise: 'nothing',
    examples: [example],
    group: 'Text',
  }
}

function list(choices: readonly string[]): string {
  return choices.map((choice) => `\`${choice}\``).join(', ')
}

const TRENDS = Object.keys(SPARKLINE_PERIODS) as (keyof typeof SPARKLINE_PERIODS)[]

/** @param faces the names of an operator's own digits */
export function createSchema(faces: readonly string[] = []): Schema {
  return {
    label: {
      ...text(MAX_LABEL, parseLabel),
      about: `the text on the left, at most ${MAX_LABEL} characters; empty for no label`,
      otherwise: "the instance's, `hits`",
      examples: ['visits', ''],
      group: 'Text',
    },
    prefix: affix('before', '#'),
    suffix: affix('after', ' views'),
    color: {
      ...COLOR,
      about:
        'the background of the number: hex with or without `#`, a CSS colour such as `rebeccapurple`, `rgb(0,128,255)` or ' +
        "`hsl(120,50%,50%)`, or a badge-maker name such as `brightgreen`. If CSS has the same name, badge-maker's colour is " +
        'used. Two colours with a comma between them are for light pages and for dark; every colour except `colorSteps` can ' +
        'be two. On a face, it is the colour of the digits',
      otherwise: "the instance's, `2d880b`",
      examples: ['blue', '4c1,2ea043'],
      group: 'Colours',
    },
    labelColor: {
      ...COLOR,
      about: 'the background of the label; on a face, of the digits',
      otherwise: '`555`, on dark pages `30363d`',
      examples: ['24292f'],
      group: 'Colours',
    },
    textColor: {
      ...COLOR,
      about: 'the text on both sides; used even if it is hard to read',
      otherwise:
        'white, on a background that is darkened a little if necessary; dark if white has a contrast below 3 to 1',
      examples: ['fff'],
      group: 'Colours',
    },
    colorSteps: {
      read: parseSteps,
      wanted: `at most ${MAX_STEPS} steps such as 100:yellow,1000:orange`,
      about: `the colour by number, at most ${MAX_STEPS} steps: \`100:yellow,1000:orange\` is yellow from 100 on and orange from 1000 on`,
      otherwise: '`color`',
      examples: ['100:yellow,1000:orange,10000:red'],
      field: { kind: 'text', most: 300 },
      group: 'Colours',
    },
    theme: {
      ...choice(THEMES),
      about: "`light`, `dark`, or `auto`, which follows the viewer's system",
      otherwise: '`light`; `auto` for faces, and for badges with a colour for dark pages',
      examples: ['auto'],
      group: 'Colours',
    },
    style: {
      ...choice(STYLES),
      about: `${list(STYLES)}. \`social\` has only the text's colour`,
      otherwise: '`flat`',
      examples: ['for-the-badge'],
      group: 'Shape',
    },
    radius: {
      ...number(0, 14, 1),
      about: 'the radius of the corners, 0 to 14 px, at most half the height',
      otherwise: "the style's own",
      examples: ['10'],
      group: 'Shape',
    },
    scale: {
      ...number(0.5, 4, 0.25),
      about: 'the size of the badge, 0.5 to 4 times',
      otherwise: '1',
      examples: ['1.5'],
      group: 'Shape',
    },
    animate: {
      read: parseSwitch,
      wanted: '1 or 0',
      about:
        '`1` counts up to the number for a second, except for people whose system asks for less motion',
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
      ...COLOR,
      about: 'the colour of a logo that is given by its name',
      otherwise: "the brand's if it stands out from the background, else the text's",
      examples: ['white'],
      group: 'Logo',
    },
    logoWidth: {
      ...number(1, 100, 1),
      about: "the logo's width, 1 to 100 px; an icon by name is square, so at most 14",
      otherwise: '14',
      examples: ['20'],
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
      ...number(0, 1e12, 1, true),
      about: 'a number that is added to the total, such as the last one of another counter',
      otherwise: '0',
      examples: ['5000'],
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
      ...choice(TRENDS),
      about: `a line of the hits of the last days or months, at most a minute old: ${list(TRENDS)}`,
      otherwise: 'none',
      examples: ['30d'],
      group: 'Over time',
    },
    face: {
      ...choice<string>([...FACE_NAMES, ...faces]),
      about: `draws only the digits of the number, as one of ${list(FACE_NAMES)}; \`tally\` only up to 100`,
      otherwise: 'a badge',
      examples: ['odometer'],
      group: 'Digits',
    },
    digits: {
      ...number(1, 12, 1, true),
      about: 'the least number of digits on a face; zeros are put in front',
      otherwise: '1',
      examples: ['6'],
      group: 'Digits',
    },
  }
}
