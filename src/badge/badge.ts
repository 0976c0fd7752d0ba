import { copyText } from '../cache.ts'
import { type Appearance, AppearanceCache } from './appearance.ts'
import type { Face } from './digits/face.ts'
import { faceReader } from './digits/numbers.ts'
import { colorOf, type DrawingContext, drawNumbers, type Numbers, write } from './numbers.ts'
import { parseColor } from './options/color.ts'
import { type BadgeOptions, DEFAULTS } from './options/options.ts'
import { parseLabel } from './options/parse.ts'
import { createSchema, type Schema } from './options/schema.ts'
import { drawAlone, dressBadge } from './style/maker.ts'
import { LABEL_GROUND } from './style/paint.ts'
import { scopeNames } from './style/scope.ts'
import { both, type Theme } from './style/theme.ts'
import { compile, fill, type Shown } from './svg.ts'
import { type OwnBadge, parseTemplate } from './template.ts'

/** What looks and their templates may take, in bytes. */
const READY_BYTES = 32_000_000
/** White on it can be read, which it cannot on badge-maker's red. */
const RED = both('#cf222e')

/** An option that is not as it should be: its name, and a sentence that says what is wanted. */
interface Problem {
  option: string
  sentence: string
}

/** shields.io's endpoint schema: https://shields.io/badges/endpoint-badge */
interface Endpoint {
  schemaVersion: 1
  label: string
  message: string
  color: string
  style: string
  labelColor?: string
  namedLogo?: string
  logoColor?: string
  logoWidth?: number
}

/** What numbers are of. */
export type Kind = 'hits' | 'active'

/** Of active visits. */
const ACTIVE_LABEL = 'active'
/** Options that say something of the total, or of time. */
const OF_HITS: ReadonlySet<string> = new Set(['base', 'show', 'trend'])

/** Draws every badge of an instance. */
export interface Badges {
  readonly schema: Schema
  /** The instance's own label and colour. */
  readonly label: string
  readonly color: string
  /** Whether an operator's own SVG is drawn, which has no use for styles and colours. */
  readonly own: boolean
  /**
   * How a badge shall look, from a parsed query. What is missing, and what is wrong, is as it is by default; the first
   * wrong option is the problem, so that its refusal can be drawn with those that were right. An empty label is a label;
   * any other option that is empty counts as missing.
   * @param kind what the numbers are of: active visits have a label of their own, and no total and no history
   */
  read(
    query: Readonly<Record<string, unknown>>,
    kind?: Kind,
  ): { appearance: Appearance; problem: Problem | null }
  /** Numbers as an SVG. @param page the page key, which an operator's own template may show */
  draw(appearance: Appearance, numbers: Numbers, page: string): string
  /**
   * What somebody else drew in a badge, as an SVG of its own: a tag's logo, or an operator's whole badge; null for none.
   * Where it can be drawn as a PNG, so can the badge.
   */
  foreign(appearance: Appearance): string | null
  /** The same for shields.io to draw: what its endpoint badge reads. */
  endpoint(appearance: Appearance, numbers: Numbers): Endpoint
  /** A refusal as an SVG: the label stays, a few words say what is wrong, in red. */
  refusal(brief: string, appearance: Appearance): string
}

/**
 * @param given.template an operator's own SVG, drawn instead of badge-maker's
 * @param given.faces an operator's own digits, by name
 * @throws Error where the template, the label or the colour cannot be used; see the check functions
 */
export function createBadges(given: {
  label: string
  color: string
  template?: string
  faces?: ReadonlyMap<string, Face>
}): Badges {
  const label = checkLabel(given.label)
  const color = checkColor(given.color)
  const faces = given.faces ?? new Map<string, Face>()
  const schema = createSchema([...faces.keys()])
  const readers = new Map(Object.entries(schema))
  const own: OwnBadge | null = given.template === undefined ? null : parseTemplate(given.template)
  const appearances = new AppearanceCache(READY_BYTES)
  const context: DrawingContext = {
    color: both(color),
    readFace: faceReader(faces),
    keep: (appearance, shape, template) => appearances.addTemplate(appearance, shape, template),
  }

  function read(query: Readonly<Record<string, unknown>>, kind: Kind = 'hits') {
    let name: string = kind
    for (const option in query) {
      if (!readers.has(option)) continue
      const value = query[option]
      if (typeof value !== 'string') return readAnew(query, kind)
      // With its length, no value can pass for two options.
      name += `&${option}=${value.length}:${value}`
    }
    const known = appearances.get(name)
    if (known) return { appearance: known, problem: null }
    const fresh = readAnew(query, kind)
    if (fresh.problem === null) appearances.add(name, fresh.appearance)
    return fresh
  }

  function readAnew(query: Readonly<Record<string, unknown>>, kind: Kind) {
    const options: BadgeOptions & Record<string, unknown> = {
      ...DEFAULTS,
      label: kind === 'active' ? ACTIVE_LABEL : label,
      color: null,
    }
    let problem: Problem | null = null
    for (const [option, { read, wanted }] of readers) {
      const value = query[option]
      if (value === undefined || (value === '' && option !== 'label')) continue
      if (kind === 'active' && OF_HITS.has(option)) continue
      // What is read of a value may be a part of it, and is kept: a value is a part of the request line.
      const parsed = typeof value === 'string' ? read(copyText(value)) : null
      if (parsed === null) problem ??= { option, sentence: `${option} must be ${wanted}.` }
      else options[option] = parsed
    }
    const appearance: Appearance = {
      options,
      theme: themeOf(options),
      name: null,
      templates: new Map(),
    }
    return { appearance, problem }
  }

  const message = ({ options }: Appearance, numbers: readonly number[]) =>
    options.prefix + write(numbers, options) + options.suffix

  return {
    schema,
    label,
    color,
    own: own !== null,
    read,
    endpoint(appearance, { numbers }) {
      const { options, theme } = appearance
      const { label: left, style, logo, logoColor, logoWidth } = options
      // shields.io has one ground: the dark one only where it is asked for, so that all colours are of one side.
      const side = theme === 'dark' ? 'dark' : 'light'
      const own = colorOf(options, numbers[0] as number)
      const ground = options.labelColor ?? (side === 'dark' && left !== '' ? LABEL_GROUND : null)
      return {
        schemaVersion: 1,
        label: left,
        message: message(appearance, numbers),
        color: own?.[side] ?? color,
        style,
        ...(ground && { labelColor: ground[side] }),
        // Its schema refuses what is said of a logo where there is none by name.
        ...(logo &&
          'icon' in logo && {
            namedLogo: logo.icon.slug,
            ...(logoColor && { logoColor: logoColor[side] }),
            ...(logoWidth !== null && { logoWidth }),
          }),
      }
    },
    draw(appearance, numbers, page) {
      if (!own) return drawNumbers(appearance, numbers, context)
      const text = message(appearance, numbers.numbers)
      return own({ count: text, label: appearance.options.label, url: page })
    },
    foreign(appearance) {
      if (own)
        return own({ count: message(appearance, [0]), label: appearance.options.label, url: '' })
      const { logo, logoWidth } = appearance.options
      return logo && 'image' in logo ? drawAlone(logo.image, logoWidth) : null
    },
    refusal(brief, { options, theme }) {
      const { label: kept, labelColor, scale, radius } = options
      // A social badge has no colours to turn red.
      const style = options.style === 'social' ? 'flat' : options.style
      const plain = { ...DEFAULTS, color: RED, label: kept, labelColor, style, scale, radius }
      const words = { text: brief, written: brief, spoken: brief, sparklineText: '', color: RED }
      return fill(scopeNames(compile(dressBadge(words, plain, theme))), NOTHING_SHOWN)
    },
  }
}

/** A refusal has no places to fill in. */
const NOTHING_SHOWN: Shown = {
  text: '',
  spoken: '',
  sparklineText: '',
  digits: '',
  trend: '',
  frames: [],
}

/** A colour for dark ground is of use only where the ground is looked at. Faces have colours for both. */
function themeOf(options: BadgeOptions): Theme {
  const { theme, face, color, labelColor, textColor, logoColor } = options
  if (theme !== null) return theme
  const pairs = [color, labelColor, textColor, logoColor]
  const paired = pairs.some((pair) => pair && pair.light !== pair.dark)
  return paired || face !== null ? 'auto' : 'light'
}

/** @throws Error where no badge can have this label */
export function checkLabel(value: string): string {
  const label = parseLabel(value)
  if (label === null) throw new Error(`"${value}" is too long, or holds characters that SVG cannot`)
  return label
}

/** @throws Error where this is no colour */
export function checkColor(value: string): string {
  const color = parseColor(value)
  if (color === null) throw new Error(`"${value}" is not a colour such as #4c1 or orange`)
  return color
}
