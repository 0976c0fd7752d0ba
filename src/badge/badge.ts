import { parseColor } from './color.ts'
import { type BadgeOptions, parseLabel } from './options.ts'
import { drawBadge, readyBadges } from './ready.ts'
import { type OwnBadge, parseTemplate } from './template.ts'

/** Templates kept ready, about 2 kB each. */
const CAPACITY = 2000

/** Draws every badge of an instance. */
export interface Badges {
  /** What a tag gets that names no options. */
  readonly defaults: BadgeOptions
  /** Whether an operator's own SVG is drawn, which has no use for styles and colours. */
  readonly own: boolean
  /** A page's number as an SVG. @param url the page key, which an operator's own template may show */
  number(count: number, options: BadgeOptions, url: string): string
  /** A refusal as an SVG: the label stays, a few words say what is wrong, in red. */
  refusal(brief: string, options: BadgeOptions): string
}

/**
 * @param template an operator's own SVG, drawn instead of badge-maker's
 * @throws Error where the template, the label or the colour cannot be used; see the check functions
 */
export function createBadges(given: { label: string; color: string; template?: string }): Badges {
  const defaults: BadgeOptions = {
    label: checkLabel(given.label),
    color: checkColor(given.color),
    labelColor: null,
    style: 'flat',
  }
  const own: OwnBadge | null = given.template === undefined ? null : parseTemplate(given.template)
  const draw = readyBadges(CAPACITY)
  return {
    defaults,
    own: own !== null,
    number: (count, options, url) =>
      own ? own({ count, label: options.label, url }) : draw(count, options),
    refusal: (brief, options) => {
      // A social badge has no colours to turn red.
      const style = options.style === 'social' ? 'flat' : options.style
      return drawBadge(brief, { ...options, style, color: 'red' })
    },
  }
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
