import { copyText } from '../cache.ts'
import { type Appearance, createAppearanceCache } from './appearance.ts'
import type { Face } from './digits/face.ts'
import { FACES } from './digits/faces.ts'
import {
  colorOf,
  type DrawingContext,
  drawNumbers,
  formatNumbers,
  type Numbers,
} from './numbers.ts'
import { parseColor } from './options/color.ts'
import { type BadgeOptions, DEFAULTS, OPTIONS_OF } from './options/options.ts'
import { parseLabel } from './options/parse.ts'
import { createSchema, type Schema } from './options/schema.ts'
import { drawBadge, drawImage } from './style/maker.ts'
import { LABEL_GROUND } from './style/paint.ts'
import { both, type Theme } from './style/theme.ts'
import { compileScoped } from './svg.ts'
import type { Template } from './template.ts'

/** White text can be read on it, unlike on badge-maker's red. */
const RED = both('#cf222e')

/** A wrong option: its name, and a sentence that says how it must be. */
interface Problem {
  option: string
  sentence: string
}

/** What the numbers of a badge count. */
export type Kind = 'hits' | 'active'

const ACTIVE_LABEL = 'active'

/** Draws every badge of an instance. */
export interface Badges {
  readonly schema: Schema
  /** The instance's own label and colour. */
  readonly label: string
  readonly color: string
  /** Whether an operator's template is drawn, for which styles and colours have no meaning. */
  readonly own: boolean
  /**
   * Reads the options of a tag from a parsed query. An option that is missing or wrong gets its default value. An option
   * other than the label also counts as missing if it is empty.
   * @returns the appearance, and the first wrong option: its refusal is drawn with the options that are right
   */
  read(
    query: Readonly<Record<string, unknown>>,
    kind?: Kind,
  ): { appearance: Appearance; problem: Problem | null }
  /** Draws numbers as an SVG. @param page the page's key, which an operator's template may show */
  draw(appearance: Appearance, numbers: Numbers, page: string): string
  /**
   * The part of a badge that is not drawn by Tallymark, as an SVG of its own: a tag's image, or a badge from an
   * operator's template. If it can be drawn as a PNG, so can the badge. Null if there is no such part.
   */
  untrustedPart(appearance: Appearance): string | null
  /** The badge in shields.io's endpoint schema: https://shields.io/badges/endpoint-badge */
  endpoint(appearance: Appearance, numbers: Numbers): object
  /** Draws a refusal as an SVG: the label, and a few words on red. */
  refusal(words: string, appearance: Appearance): string
}

/**
 * @param instance.template an operator's template, which is drawn instead of badge-maker's badges
 * @param instance.faces an operator's own digits, by name
 * @throws Error if the label or the colour cannot be used
 */
export function createBadges(instance: {
  label: string
  color: string
  template?: Template | undefined
  faces?: ReadonlyMap<string, Face> | undefined
}): Badges {
  const label = checkLabel(instance.label)
  const color = checkColor(instance.color)
  const ownFaces = instance.faces ?? new Map<string, Face>()
  const schema = createSchema([...ownFaces.keys()])
  const options = new Map(Object.entries(schema))
  const template = instance.template ?? null
  const appearances = createAppearanceCache()
  const context: DrawingContext = {
    color: both(color),
    faces: new Map([...Object.entries(FACES), ...ownFaces]),
    appearances,
  }

  function read(query: Readonly<Record<string, unknown>>, kind: Kind = 'hits') {
    let name: string = kind
    for (const option in query) {
      if (!options.has(option)) continue
      const value = query[option]
      if (typeof value !== 'string') return parse(query, kind)
      // The length keeps a value that contains `&` and `=` from looking like two options.
      name += `&${option}=${value.length}:${value}`
    }
    const known = appearances.get(name)
    if (known) return { appearance: known, problem: null }
    const parsed = parse(query, kind)
    if (parsed.problem !== null) return parsed
    // Most of the name is a part of the request line; see `copyText`.
    parsed.appearance.name = copyText(name)
    appearances.set(parsed.appearance.name, parsed.appearance)
    return parsed
  }

  function parse(query: Readonly<Record<string, unknown>>, kind: Kind) {
    const parsed: BadgeOptions & Record<string, unknown> = {
      ...DEFAULTS,
      label: kind === 'active' ? ACTIVE_LABEL : label,
      color: null,
    }
    let problem: Problem | null = null
    for (const [option, { read, wanted }] of options) {
      const given = query[option]
      if (given === undefined || (given === '' && option !== 'label')) continue
      if (kind === 'active' && !OPTIONS_OF.active.has(option)) continue
      // Without a copy, an option that is kept would keep the whole request line in memory.
      const value = typeof given === 'string' ? read(copyText(given)) : null
      if (value === null) problem ??= { option, sentence: `${option} must be ${wanted}.` }
      else parsed[option] = value
    }
    const appearance: Appearance = {
      options: parsed,
      theme: themeOf(parsed),
      name: null,
      compiled: new Map(),
    }
    return { appearance, problem }
  }

  const messageOf = ({ options }: Appearance, numbers: readonly number[]) =>
    options.prefix + formatNumbers(numbers, options) + options.suffix

  return {
    schema,
    label,
    color,
    own: template !== null,
    read,
    endpoint(appearance, { numbers }) {
      const { options, theme } = appearance
      const { label, style, logo, logoColor, logoWidth } = options
      // A badge of shields.io has colours for one ground.
      const ground = theme === 'dark' ? 'dark' : 'light'
      const own = colorOf(options, numbers[0] as number)
      const labelColor =
        options.labelColor ?? (ground === 'dark' && label !== '' ? LABEL_GROUND : null)
      return {
        schemaVersion: 1,
        label,
        message: messageOf(appearance, numbers),
        color: own?.[ground] ?? color,
        style,
        ...(labelColor && { labelColor: labelColor[ground] }),
        // Its schema refuses `logoColor` and `logoWidth` without `namedLogo`.
        ...(logo &&
          'icon' in logo && {
            namedLogo: logo.icon.slug,
            ...(logoColor && { logoColor: logoColor[ground] }),
            ...(logoWidth !== null && { logoWidth }),
          }),
      }
    },
    draw(appearance, numbers, page) {
      if (!template) return drawNumbers(appearance, numbers, context)
      const count = messageOf(appearance, numbers.numbers)
      return template({ count, label: appearance.options.label, url: page })
    },
    untrustedPart(appearance) {
      const { label, logo, logoWidth } = appearance.options
      if (template) return template({ count: messageOf(appearance, [0]), label, url: '' })
      return logo && 'image' in logo ? drawImage(logo.image, logoWidth) : null
    },
    refusal(words, { options, theme }) {
      const { label, labelColor, scale, radius } = options
      // The social style has no colours that could turn red.
      const style = options.style === 'social' ? 'flat' : options.style
      const plain = { ...DEFAULTS, color: RED, label, labelColor, style, scale, radius }
      const message = { text: words, written: words, spoken: words, sparklineText: '', color: RED }
      return compileScoped(drawBadge(message, plain, theme)).pieces.join('')
    },
  }
}

/** Follows the viewer's system if there are colours for both grounds. Faces always have them. */
function themeOf(options: BadgeOptions): Theme {
  const { theme, face, color, labelColor, textColor, logoColor } = options
  if (theme !== null) return theme
  const pairs = [color, labelColor, textColor, logoColor]
  const hasDark = pairs.some((pair) => pair && pair.light !== pair.dark)
  return hasDark || face !== null ? 'auto' : 'light'
}

/** @throws Error if no badge can have this label */
export function checkLabel(value: string): string {
  const label = parseLabel(value)
  if (label === null) throw new Error(`"${value}" is too long, or holds characters that SVG cannot`)
  return label
}

/** @throws Error if this is not a colour */
export function checkColor(value: string): string {
  const color = parseColor(value)
  if (color === null) throw new Error(`"${value}" is not a colour such as #4c1 or orange`)
  return color
}
