import type { Appearance, Appearances } from './appearance.ts'
import type { Face, NumbersOnFace } from './digits/face.ts'
import { grouped } from './options/format.ts'
import type { BadgeOptions } from './options/options.ts'
import type { Sparkline } from './sparkline.ts'
import { countUp, finish } from './style/additions.ts'
import { NUMBER_FONTS } from './style/badge-maker.ts'
import { darkenForText } from './style/contrast.ts'
import { drawBadge, drawnAffixes, nameOf } from './style/maker.ts'
import { isMeasured, measure } from './style/measure.ts'
import { type ColorPair, createStyleSheet } from './style/theme.ts'
import {
  compileScoped,
  type Element,
  element,
  escapeXml,
  fill,
  type SlotValues,
  svgElement,
} from './svg.ts'

/** What a badge shows: one number or two. */
export interface Numbers {
  numbers: readonly number[]
  /** For each number, what it counts, such as `today`, for screen readers; empty for nothing. */
  captions: readonly string[]
  /** Null if the badge shows none. */
  sparkline: Sparkline | null
}

/** Stands between two numbers. */
const SEPARATOR = ' / '
const NO_FRAMES: readonly string[] = []

/** What all badges of an instance are drawn with. */
interface Instance {
  /** The background of a number for which the tag names no colour. */
  color: ColorPair
  /** Tallymark's faces and the operator's own, by name. */
  faces: ReadonlyMap<string, Face>
  appearances: Appearances
}

/**
 * Draws numbers as an SVG. All but the numbers is the same for an appearance and a shape of numbers, so it is drawn once,
 * because badge-maker takes about 26 us a badge. Each answer only fills the numbers in.
 */
export function drawNumbers(appearance: Appearance, content: Numbers, instance: Instance): string {
  const { options, theme, compiled } = appearance
  const { numbers } = content
  const first = numbers[0] as number
  const formatted = formatNumbers(numbers, options)
  const face =
    options.face === null
      ? null
      : (instance.faces.get(options.face) as Face).put(numbers, options.digits)
  // A face has no room for a sparkline.
  const sparkline = face ? null : content.sparkline
  const step = stepOf(options, first)
  let shape = face?.shape ?? shapeOf(formatted, options)
  if (step >= 0) shape += `:${step}`
  const values: SlotValues = {
    text: options.format.even ? formatted : escapeXml(formatted),
    spoken: speak(content),
    sparklineText: sparkline === null ? '' : `. ${sparkline.description}`,
    digits: face?.digits ?? '',
    sparklinePath: sparkline === null ? '' : sparkline.path(options.style),
    frames: options.animate && !face ? framesOf(numbers, options) : NO_FRAMES,
  }
  const known = compiled.get(shape)
  if (known) return fill(known, values)
  const color = colorOf(options, first)
  const message = { text: formatted, isNumber: true, color: color ?? instance.color }
  const drawing = compileScoped(
    face ? drawOnFace(face, appearance, color) : drawBadge(message, options, theme),
  )
  instance.appearances.keep(appearance, shape, drawing)
  return fill(drawing, values)
}

/** The numbers as they are drawn between prefix and suffix. */
export function formatNumbers(numbers: readonly number[], { format, style }: BadgeOptions): string {
  const text =
    numbers.length === 1
      ? format.write(numbers[0] as number)
      : numbers.map(format.write).join(SEPARATOR)
  // Digits and their marks have no capitals.
  return style === 'for-the-badge' && !format.even ? text.toUpperCase() : text
}

/** A key that is equal for texts that are equally wide in their badge. */
function shapeOf(text: string, options: BadgeOptions): string {
  const { format, style } = options
  if (format.even && !text.includes(SEPARATOR)) return String(text.length)
  if (format.even) return `${text.indexOf(SEPARATOR)}/${text.length}`
  // The affixes are measured too: fractions of a px add up, and badge-maker cuts them off the sum.
  const { before, after } = drawnAffixes(options)
  const whole = before + text + after
  const font = NUMBER_FONTS[style]
  const kind = isMeasured(whole, font) ? 'measured' : 'estimated'
  return `${Math.floor(measure(whole, font))}px ${text.length} ${kind}`
}

/** The colour that the tag names for a number, null if it names none. */
export function colorOf(options: BadgeOptions, number: number): ColorPair | null {
  return options.colorSteps[stepOf(options, number)]?.color ?? options.color
}

/** The index of the colour step that a number has reached; -1 before the first. */
function stepOf({ colorSteps }: BadgeOptions, number: number): number {
  return colorSteps.length === 0 ? -1 : colorSteps.findLastIndex(({ from }) => number >= from)
}

function framesOf(numbers: readonly number[], options: BadgeOptions): string[] {
  const [first = [], second] = numbers.map(countUp)
  return first.map((number, at) => {
    const text = formatNumbers(second ? [number, second[at] as number] : [number], options)
    return options.format.even ? text : escapeXml(text)
  })
}

/** Such as `3 today, 1,234 in total`. */
function speak({ numbers, captions }: Numbers): string {
  const [first, second] = numbers as [number, number?]
  let words = grouped(first)
  if (captions[0]) words += ` ${captions[0]}`
  if (second !== undefined) words += `, ${grouped(second)} ${captions[1]}`
  return words
}

/** Draws numbers on a face, with the name for screen readers that their badge would have. */
function drawOnFace(
  face: NumbersOnFace,
  { options, theme }: Appearance,
  color: ColorPair | null,
): Element {
  const { labelColor, radius, animate, scale } = options
  const sheet = createStyleSheet(theme)
  const background = labelColor && (color ? labelColor : darkenForText(labelColor))
  const drawing = face.draw({ color, background, radius, animate, sheet })
  const { width, height, content } = drawing
  const name = nameOf(options, (values) => values.spoken)
  const root = svgElement(
    { width, height, role: 'img', 'aria-label': name },
    element('title', {}, ...name),
    ...content,
  )
  finish(root, scale, sheet)
  return root
}
