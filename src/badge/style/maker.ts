import { makeBadge } from 'badge-maker'
import type { BadgeOptions, Style } from '../options/options.ts'
import {
  type Content,
  type Element,
  element,
  elementsNamed,
  type Slot,
  svgElement,
  writeSvg,
} from '../svg.ts'
import {
  addCountUp,
  addSparkline,
  finish,
  placeLogo,
  removeLeftBubble,
  roundCorners,
} from './additions.ts'
import {
  inCapitals,
  LABEL_FONTS,
  LETTER_SPACING,
  LOGO_SIZE,
  NUMBER_FONTS,
  parseBadge,
} from './badge-maker.ts'
import { darkenForText, readableOn } from './contrast.ts'
import { directionOf, standInFor } from './measure.ts'
import { LABEL_BACKGROUND, paintBackgrounds, paintSocial, paintText, SOCIAL } from './paint.ts'
import { type ColorPair, createStyleSheet, type Theme } from './theme.ts'

/**
 * The longest path of an icon, in characters, in a badge that counts up: with the smaller numbers, the answer stays below
 * 64 kB. One icon has a longer path.
 */
const MAX_ANIMATED_PATH = 50_000
const PLACEHOLDER = 'data:image/png;base64,'

/** The right side of a badge: a number, or other words. */
interface Message {
  /** The text that decides how wide the badge is. A number is without its prefix and suffix. */
  text: string
  /** Whether each answer fills in a number in place of the text. */
  isNumber: boolean
  color: ColorPair
}

/** The name of a badge for screen readers, whose number is spoken as `1,234`. */
export function nameOf({ label, prefix, suffix }: BadgeOptions, spoken: string | Slot) {
  return [label === '' ? '' : `${label}: `, prefix.trimStart(), spoken, suffix.trimEnd()]
}

/**
 * Draws a badge with badge-maker and adds what badge-maker lacks: text that can be read on any colour, colours for dark
 * pages, icons, sparklines, corners, motion. Without these additions, only the badge's name differs from badge-maker's
 * output.
 */
export function drawBadge(message: Message, options: BadgeOptions, theme: Theme): Element {
  const { label, style, logo, textColor } = options
  // Whoever chooses the colour of the text has chosen it for exactly these backgrounds.
  const backgroundOf = (color: ColorPair) => (textColor ? color : darkenForText(color))
  const labelColor = options.labelColor && backgroundOf(options.labelColor)
  const numberBackground = backgroundOf(message.color)
  const sheet = createStyleSheet(theme)
  const text = options.prefix.trimStart() + message.text + options.suffix.trimEnd()
  const spacing = style === 'for-the-badge' ? LETTER_SPACING : 0
  const labelStandIn = standInFor(inCapitals(label, style), LABEL_FONTS[style], spacing)
  const numberStandIn = standInFor(inCapitals(text, style), NUMBER_FONTS[style], spacing)
  const root = parseBadge(
    makeBadge({
      label: labelStandIn ?? label,
      message: numberStandIn ?? text,
      style,
      color: numberBackground.light,
      ...(labelColor && { labelColor: labelColor.light }),
      ...(logo && { logoBase64: PLACEHOLDER }),
    }),
  )
  const social = style === 'social'
  const numberTexts = elementsNamed(root, 'text')
  const labelTexts = label !== '' || social ? numberTexts.splice(0, numberTexts.length / 2) : []
  const hasLeftSide = label !== '' || labelColor !== null
  const leftBackground = labelColor ?? (hasLeftSide || logo ? LABEL_BACKGROUND : numberBackground)
  const numberColor = textColor ?? (social ? SOCIAL.text : readableOn(numberBackground))
  // Without a left side, the logo stands on the number's background.
  const logoBackground = hasLeftSide ? leftBackground : numberBackground
  const logoText = social ? numberColor : (textColor ?? readableOn(logoBackground))
  if (social) paintSocial(root, [...labelTexts, ...numberTexts], textColor, sheet)
  else {
    paintBackgrounds(root, leftBackground, numberBackground, sheet)
    paintText(root, labelTexts, textColor ?? readableOn(leftBackground), sheet)
    paintText(root, numberTexts, numberColor, sheet)
  }

  const name = nameOf(options, message.isNumber ? (values) => values.spoken : message.text)
  if (options.trend) name.push((values) => values.sparklineText)
  root.attributes['aria-label'] = name
  const [title] = elementsNamed(root, 'title')
  if (title) title.children = name
  const affixes = drawnAffixes(options)
  const content: Content = message.isNumber
    ? (values) => values.text
    : inCapitals(message.text, style)
  for (const text of numberTexts) text.children = [affixes.before, content, affixes.after]
  if (labelStandIn !== null) {
    for (const text of labelTexts) {
      freeText(text, directionOf(label))
      text.children = [drawnLabel(label, style)]
    }
  }
  if (numberStandIn !== null) for (const text of numberTexts) freeText(text, 'ltr')

  if (social && label === '' && !logo) removeLeftBubble(root, numberTexts)
  if (logo) placeLogo(root, options, social ? SOCIAL.background : logoBackground, logoText, sheet)
  const tooLong = logo !== null && 'icon' in logo && logo.icon.path.length > MAX_ANIMATED_PATH
  if (options.animate && !tooLong && message.isNumber) {
    addCountUp(root, numberTexts, affixes, sheet)
  }
  if (options.trend) addSparkline(root, options.trend, style, numberColor, sheet)
  if (options.radius !== null) roundCorners(root, options.radius)
  finish(root, options.scale, sheet)
  return root
}

/** The texts around a number as they are drawn. badge-maker trims its message. */
export function drawnAffixes({ prefix, suffix, style }: BadgeOptions) {
  return {
    before: inCapitals(prefix.trimStart(), style),
    after: inCapitals(suffix.trimEnd(), style),
  }
}

/**
 * Lets a text be as wide as its letters are. In a width that is only estimated, Arabic falls apart, and in Safari so do
 * emoji of several parts.
 */
function freeText(text: Element, direction: 'ltr' | 'rtl'): void {
  const { textLength: _, ...attributes } = text.attributes
  text.attributes = attributes
  if (direction === 'rtl') text.attributes.direction = 'rtl'
}

function drawnLabel(label: string, style: Style): string {
  if (style === 'social') return label.charAt(0).toUpperCase() + label.slice(1)
  return inCapitals(label, style)
}

/**
 * Draws an image alone, in the size that it has in a badge, to see whether resvg can draw it. resvg fails on
 * shapes outside the drawing. This drawing is smaller than a badge, so what passes here passes there.
 */
export function drawImage(href: string, logoWidth: number | null): string {
  const size = { width: logoWidth ?? LOGO_SIZE, height: LOGO_SIZE }
  return writeSvg(svgElement(size, element('image', { ...size, href })))
}
