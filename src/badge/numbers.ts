import type { Appearance } from './appearance.ts'
import { drawFaced, type Faced } from './digits/numbers.ts'
import type { Sparkline } from './history.ts'
import { grouped } from './options/format.ts'
import type { BadgeOptions } from './options/options.ts'
import { countUp } from './style/count-up.ts'
import { around, dressBadge, NUMBER_FONTS } from './style/maker.ts'
import { isMeasured, measure } from './style/measure.ts'
import { scopeNames } from './style/scope.ts'
import type { Pair } from './style/theme.ts'
import { compile, escapeXml, fill, type Shown, type Slot, type Template } from './svg.ts'

/** What a badge shows: one number, or two. */
export interface Numbers {
  numbers: readonly number[]
  /** What each is of, as it is told to those who cannot see it, such as `today`; empty for nothing. */
  spans: readonly string[]
  /** What a line shows, where the look has one. */
  history: Sparkline | null
}

/** Stands between two numbers. */
const BETWEEN = ' / '
const NO_FRAMES: readonly string[] = []

const textOf: Slot = (shown) => shown.text
const spokenOf: Slot = (shown) => shown.spoken
const sparklineTextOf: Slot = (shown) => shown.sparklineText

/** What an instance draws with. */
export interface DrawingContext {
  /** The ground of a number where a tag names none. */
  color: Pair
  /** Null where the face cannot draw these numbers. */
  readFace(name: string, numbers: readonly number[], digits: number): Faced | null
  /** Keeps a template that had to be drawn. */
  keep(appearance: Appearance, shape: string | number, template: Template): void
}

/**
 * Numbers as an SVG. All but the numbers is the same for a look and a width of number, and is drawn once: badge-maker
 * takes about 26 us a badge. An answer only fills the numbers in.
 */
export function drawNumbers(
  appearance: Appearance,
  shows: Numbers,
  { color, readFace, keep }: DrawingContext,
): string {
  const { options, templates } = appearance
  const { numbers } = shows
  const text = write(numbers, options)
  const face = options.face === null ? null : readFace(options.face, numbers, options.digits)
  // A face has no room for a line.
  const history = face ? null : shows.history
  const step = stepOf(options, numbers[0] as number)
  let shape = face?.shape ?? shapeOf(text, options)
  if (step >= 0) shape = `${shape}:${step}`
  const shown: Shown = {
    text: options.format.even ? text : escapeXml(text),
    spoken: tell(shows),
    sparklineText: history === null ? '' : `. ${history.spoken}`,
    digits: face?.digits ?? '',
    trend: history === null ? '' : history.path(options.style),
    frames: options.animate && !face ? framesOf(numbers, options) : NO_FRAMES,
  }
  let template = templates.get(shape)
  if (!template) {
    const own = colorOf(options, numbers[0] as number)
    const sparklineText = options.trend === null ? '' : sparklineTextOf
    const message = { text, written: textOf, spoken: spokenOf, sparklineText, color: own ?? color }
    const root = face
      ? drawFaced(face, appearance, own, spokenOf)
      : dressBadge(message, options, appearance.theme)
    template = scopeNames(compile(root))
    keep(appearance, shape, template)
  }
  return fill(template, shown)
}

/** The numbers as they are drawn, between prefix and suffix. */
export function write(numbers: readonly number[], { format, style }: BadgeOptions): string {
  const text =
    numbers.length === 1
      ? format.write(numbers[0] as number)
      : numbers.map(format.write).join(BETWEEN)
  // Digits and their marks have no capitals.
  return style === 'for-the-badge' && !format.even ? text.toUpperCase() : text
}

/** Equal for texts that are equally wide in the style's font, with what stands around them. */
function shapeOf(text: string, options: BadgeOptions): string | number {
  const { format, style } = options
  if (format.even && !text.includes(BETWEEN)) return text.length
  if (format.even) return `${text.indexOf(BETWEEN)}/${text.length}`
  // Parts of a px add up: badge-maker cuts them off the whole.
  const { before, after } = around(options)
  const whole = before + text + after
  const font = NUMBER_FONTS[style]
  const kind = isMeasured(whole, font) ? 'measured' : 'estimated'
  return `${Math.floor(measure(whole, font))}px ${text.length} ${kind}`
}

/** The colour of a number, null where the tag names none. */
export function colorOf(options: BadgeOptions, number: number): Pair | null {
  return options.colorSteps[stepOf(options, number)]?.color ?? options.color
}

/** The step of colour that a number has reached; -1 before the first. */
function stepOf({ colorSteps }: BadgeOptions, number: number): number {
  return colorSteps.length === 0 ? -1 : colorSteps.findLastIndex(({ from }) => number >= from)
}

function framesOf(numbers: readonly number[], options: BadgeOptions): string[] {
  const [first = [], second] = numbers.map(countUp)
  return first.map((number, at) => {
    const text = write(second ? [number, second[at] as number] : [number], options)
    return options.format.even ? text : escapeXml(text)
  })
}

function tell({ numbers, spans }: Numbers): string {
  const [number, other] = numbers as [number, number?]
  let told = grouped(number)
  if (spans[0]) told += ` ${spans[0]}`
  if (other !== undefined) told += `, ${grouped(other)} ${spans[1]}`
  return told
}
