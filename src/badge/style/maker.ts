import { makeBadge } from 'badge-maker'
import { drawLogo } from '../options/logo.ts'
import { logoColor } from '../options/old-logo.ts'
import type { BadgeOptions, Style, Trend } from '../options/options.ts'
import { drawSparkline } from '../sparkline.ts'
import { compile, type Element, element, parseDrawn, type Slot } from '../svg.ts'
import { addCountUp } from './count-up.ts'
import { directionOf, type Font, isMeasured, standIn } from './measure.ts'
import { LABEL_GROUND, paintGrounds, paintSocial, paintText, SOCIAL, textPair } from './paint.ts'
import { all, stretch } from './stretch.ts'
import { createInk, type Ink, type Pair, type Theme } from './theme.ts'

/** badge-maker makes room for a logo so wide and high, in px. */
const LOGO = 14
/** The longest path of a logo, in characters, that leaves room in 64 kB for smaller numbers too. One logo is longer. */
const LONGEST_MOVED = 50_000
const PLACEHOLDER = 'data:image/png;base64,'
/** How wide a line of history is, in px; and the room on both sides of it, and above and below. */
const SPARK_WIDTHS: Record<Trend, number> = { '7d': 36, '30d': 60, '12m': 44 }
const SPARK_END = 6
/** How high badge-maker's styles are, in px. */
const HEIGHTS: Record<Style, number> = {
  flat: 20,
  'flat-square': 20,
  plastic: 18,
  'for-the-badge': 28,
  social: 20,
}
const SPARK_MARGIN = 4
/** The fonts that badge-maker measures a label and a number of each style in. */
const LABEL_FONTS: Record<Style, Font> = {
  flat: '11px Verdana',
  'flat-square': '11px Verdana',
  plastic: '11px Verdana',
  'for-the-badge': '10px Verdana',
  social: 'bold 11px Helvetica',
}
export const NUMBER_FONTS: Record<Style, Font> = {
  ...LABEL_FONTS,
  'for-the-badge': 'bold 10px Verdana',
}
/** What badge-maker adds to each letter in the style with capitals, in px. */
const LETTER_SPACING = 1.25

/** What a badge shows. */
export interface Message {
  /** A number as it is drawn, without prefix and suffix, or other words. */
  text: string
  /** What is written in its place; and how it is told to those who cannot see it. */
  written: string | Slot
  spoken: string | Slot
  /** What its line shows, told behind all else; empty for none. */
  sparklineText: string | Slot
  color: Pair
}

/**
 * badge-maker's badge, with what it does not know of: text that can be read on any colour, dark ground, named logos,
 * lines, corners, motion. Where none of it is wanted, it is badge-maker's to the byte, but for its name.
 */
export function dressBadge(message: Message, options: BadgeOptions, theme: Theme): Element {
  const { label, style, labelColor, logo, textColor } = options
  const ink = createInk(theme)
  const before = options.prefix.trimStart()
  const after = options.suffix.trimEnd()
  const labelText = measurable(label, LABEL_FONTS[style], style)
  const numberText = measurable(before + message.text + after, NUMBER_FONTS[style], style)
  const root = parseDrawn(
    makeBadge({
      label: labelText ?? label,
      message: numberText ?? before + message.text + after,
      style,
      color: message.color.light,
      ...(labelColor && { labelColor: labelColor.light }),
      ...(logo && { logoBase64: PLACEHOLDER }),
    }),
  )
  const social = style === 'social'
  const texts = all(root, 'text')
  const ofLabel = label !== '' || social ? texts.splice(0, texts.length / 2) : []
  const labelled = label !== '' || labelColor !== null
  const left = labelColor ?? (labelled || logo ? LABEL_GROUND : message.color)
  const onRight = social ? (textColor ?? SOCIAL.text) : textPair(textColor, message.color)
  // Where there is no label, a logo stands on the number's ground.
  const ofLogo = labelled ? left : message.color
  const onLogo = social ? onRight : textPair(textColor, ofLogo)
  if (social) paintSocial(root, [...ofLabel, ...texts], textColor, ink)
  else {
    paintGrounds(root, [left, message.color], ink)
    paintText(root, ofLabel, textPair(textColor, left), ink)
    paintText(root, texts, onRight, ink)
  }

  const named = [
    label === '' ? '' : `${label}: `,
    before,
    message.spoken,
    after,
    message.sparklineText,
  ]
  root.attributes['aria-label'] = named
  const [title] = all(root, 'title')
  if (title) title.children = named
  const beside = around(options)
  const content =
    typeof message.written === 'string' ? inCapitals(message.written, style) : message.written
  for (const text of texts) text.children = [beside.before, content, beside.after]
  if (labelText !== null) for (const text of ofLabel) freeText(text, inStyle(label, style), label)
  if (numberText !== null) for (const text of texts) freeText(text, null, '')

  if (logo) placeLogo(root, options, social ? SOCIAL.ground : ofLogo, onLogo, ink)
  const still = logo !== null && 'icon' in logo && logo.icon.path.length > LONGEST_MOVED
  if (options.animate && !still && typeof content === 'function') {
    const text = texts.at(-1) as Element
    const frames = addCountUp(texts, text, beside, ink)
    const scaled = text.attributes.transform !== undefined
    const foreground = root.children.at(-1) as Element
    foreground.children.push(
      ...(scaled ? frames : [element('g', { transform: 'scale(.1)' }, ...frames)]),
    )
  }
  if (options.trend) addSpark(root, options.trend, style, onRight, ink)
  if (options.radius !== null) round(root, options.radius)
  finish(root, options.scale, ink)
  return root
}

/** What stands before and behind a number, as it is drawn. badge-maker trims its message. */
export function around({ prefix, suffix, style }: BadgeOptions): { before: string; after: string } {
  return {
    before: inCapitals(prefix.trimStart(), style),
    after: inCapitals(suffix.trimEnd(), style),
  }
}

/** What badge-maker shall measure in a text's place, null where it knows all of its letters. */
function measurable(text: string, font: Font, style: Style): string | null {
  const written = inCapitals(text, style)
  if (isMeasured(written, font)) return null
  return standIn(written, font, style === 'for-the-badge' ? LETTER_SPACING : 0)
}

/**
 * Lets a text be as wide as its letters are: forced to a width that is only estimated, Arabic falls apart, and so do
 * emoji of several parts in Safari.
 */
function freeText(text: Element, content: string | null, directed: string): void {
  const { textLength: _length, ...attributes } = text.attributes
  text.attributes = attributes
  if (content !== null) text.children = [content]
  if (directionOf(directed) === 'rtl') text.attributes.direction = 'rtl'
}

/** A label as badge-maker writes it. */
function inStyle(label: string, style: Style): string {
  if (style === 'social') return label.charAt(0).toUpperCase() + label.slice(1)
  return inCapitals(label, style)
}

/** One style writes in capitals, and badge-maker has measured them. */
function inCapitals(text: string, style: Style): string {
  return style === 'for-the-badge' ? text.toUpperCase() : text
}

/**
 * An image as large as it is in a badge. What lies outside of it here may lie inside of a badge, never the other way
 * round: resvg fails for what lies outside.
 */
export function drawAlone(href: string, logoWidth: number | null): string {
  const size = { width: logoWidth ?? LOGO, height: LOGO }
  const root = element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size },
    element('image', { ...size, href }),
  )
  return compile(root).pieces.join('')
}

function placeLogo(root: Element, options: BadgeOptions, ground: Pair, text: Pair, ink: Ink): void {
  const { logo, logoWidth } = options
  const [image] = all(root, 'image')
  if (!logo || !image) return
  const x = Number(image.attributes.x)
  const width = logoWidth ?? LOGO
  if (width !== LOGO) stretch(root, x + LOGO, width - LOGO)
  image.attributes.width = width
  if ('image' in logo) {
    image.attributes.href = logo.image
    return
  }
  const color = options.logoColor ?? logoColor(logo.icon, ground, text)
  const box = { x, y: Number(image.attributes.y), width, height: LOGO }
  Object.assign(image, drawLogo(logo.icon.path, box, ink.paint({ fill: color })))
}

/** The room that a line of history has in a badge, in px. */
export function sparklineSize(trend: Trend, style: Style): { width: number; height: number } {
  return { width: SPARK_WIDTHS[trend], height: HEIGHTS[style] - 2 * SPARK_MARGIN }
}

/** Puts a line of history behind the number. */
function addSpark(root: Element, trend: Trend, style: Style, color: Pair, ink: Ink): void {
  const end = Number(root.attributes.width)
  const size = sparklineSize(trend, style)
  stretch(root, end - 1, size.width + SPARK_END)
  const at = `translate(${end} ${SPARK_MARGIN})`
  root.children.push(element('g', { transform: at }, ...drawSparkline({ ...size, ink, color })))
}

function round(root: Element, radius: number): void {
  const rounded = all(root, 'rect').filter(({ attributes: { rx } }) => rx !== undefined)
  for (const { attributes } of rounded) attributes.rx = radius
  if (rounded.length > 0) return
  // The styles with square corners cut nothing off.
  const { width = 0, height = 0 } = root.attributes
  const cut = element('clipPath', { id: 'r' }, element('rect', { width, height, rx: radius }))
  const [grounds] = all(root, 'g')
  if (grounds) grounds.attributes['clip-path'] = 'url(#r)'
  root.children.splice(1, 0, cut)
}

/** Scales a drawing, and puts its style sheet behind its title. */
export function finish(root: Element, scale: number, ink: Ink): void {
  if (scale !== 1) {
    const { width, height } = root.attributes
    root.attributes.viewBox = `0 0 ${width} ${height}`
    root.attributes.width = Number((Number(width) * scale).toFixed(2))
    root.attributes.height = Number((Number(height) * scale).toFixed(2))
  }
  root.children.splice(1, 0, ...ink.styles())
}
