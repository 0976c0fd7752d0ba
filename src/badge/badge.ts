import { type Appearance, Appearances } from './appearance.ts'
import type { Face } from './digits/face.ts'
import { FACES } from './digits/faces.ts'
import { colorOf, drawNumbers, formatNumbers, type Numbers } from './numbers.ts'
import { DEFAULTS } from './options/options.ts'
import { parseColor, parseLabel } from './options/parse.ts'
import { createSchema } from './options/schema.ts'
import { logoWidthOf } from './style/additions.ts'
import { drawBadge, drawImage } from './style/maker.ts'
import { LABEL_BACKGROUND } from './style/paint.ts'
import { both } from './style/theme.ts'
import { compileScoped } from './svg.ts'
import type { Template } from './template.ts'

/** White text can be read on it, unlike on badge-maker's red. */
const RED = both('#cf222e')

/** Draws every badge of an instance. */
export type Badges = ReturnType<typeof createBadges>

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
}) {
  const label = checkLabel(instance.label)
  const color = checkColor(instance.color)
  const ownFaces = instance.faces ?? new Map<string, Face>()
  const schema = createSchema([...ownFaces.keys()])
  const template = instance.template ?? null
  const appearances = new Appearances(schema, label)
  const faces = new Map([...Object.entries(FACES), ...ownFaces])
  const context = { color: both(color), faces, appearances }

  const messageOf = ({ options }: Appearance, numbers: readonly number[]) =>
    options.prefix + formatNumbers(numbers, options) + options.suffix

  return {
    schema,
    /** The instance's own label and colour. */
    label,
    color,
    /** Whether an operator's template is drawn, for which styles and colours have no meaning. */
    own: template !== null,

    read: appearances.read,

    /** Draws numbers as an SVG. @param page the page's key, which an operator's template may show */
    draw(appearance: Appearance, numbers: Numbers, page: string): string {
      if (!template) return drawNumbers(appearance, numbers, context)
      const count = messageOf(appearance, numbers.numbers)
      return template({ count, label: appearance.options.label, url: page })
    },

    /**
     * The part of a badge that is not drawn by Tallymark, as an SVG of its own: a tag's image, or a badge from an
     * operator's template. If it can be drawn as a PNG, so can the badge. Null if there is no such part.
     */
    untrustedPart(appearance: Appearance): string | null {
      const { label, logo, logoWidth } = appearance.options
      if (template) return template({ count: messageOf(appearance, [0]), label, url: '' })
      return logo && 'image' in logo ? drawImage(logo.image, logoWidth) : null
    },

    /** Draws a refusal as an SVG: the label, and a few words on red. */
    refusal(words: string, { options, theme }: Appearance): string {
      const { label, labelColor, scale, radius } = options
      // The social style has no colours that could turn red.
      const style = options.style === 'social' ? 'flat' : options.style
      const plain = { ...DEFAULTS, color: RED, label, labelColor, style, scale, radius }
      const message = { text: words, isNumber: false, color: RED }
      return compileScoped(drawBadge(message, plain, theme)).pieces.join('')
    },

    /** The badge in shields.io's endpoint schema: https://shields.io/badges/endpoint-badge */
    endpoint(appearance: Appearance, { numbers }: Numbers): object {
      const { options, theme } = appearance
      const { label, style, logo, logoColor } = options
      const logoWidth = logoWidthOf(options)
      // A badge of shields.io has colours for light or for dark pages.
      const scheme = theme === 'dark' ? 'dark' : 'light'
      const own = colorOf(options, numbers[0] as number)
      const labelColor =
        options.labelColor ?? (scheme === 'dark' && label !== '' ? LABEL_BACKGROUND : null)
      return {
        schemaVersion: 1,
        label,
        message: messageOf(appearance, numbers),
        color: own?.[scheme] ?? color,
        style,
        ...(labelColor && { labelColor: labelColor[scheme] }),
        // Its schema refuses `logoColor` and `logoWidth` without `namedLogo`.
        ...(logo &&
          'icon' in logo && {
            namedLogo: logo.icon.slug,
            ...(logoColor && { logoColor: logoColor[scheme] }),
            ...(logoWidth !== null && { logoWidth }),
          }),
      }
    },
  }
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
