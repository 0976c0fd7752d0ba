import type { BadgeOptions, Style } from '../options/options.ts'
import {
  drawSparkline,
  SPARKLINE_MARGIN,
  type SparklinePeriod,
  sparklineSize,
} from '../sparkline.ts'
import { type Attributes, type Element, element, elementsNamed } from '../svg.ts'
import { LOGO_SIZE, TEXT_SCALE } from './badge-maker.ts'
import { logoColor } from './paint.ts'
import type { ColorPair, Ink } from './theme.ts'

// Changes to badge-maker's drawing that need other room or other shapes.

/** The room behind a sparkline, in px. */
const SPARKLINE_END = 6

/** Puts the logo in the place of badge-maker's image. */
export function placeLogo(
  root: Element,
  options: BadgeOptions,
  ground: ColorPair,
  text: ColorPair,
  ink: Ink,
): void {
  const { logo, logoWidth } = options
  const [image] = elementsNamed(root, 'image')
  if (!logo || !image) return
  const x = Number(image.attributes.x)
  const width = logoWidth ?? LOGO_SIZE
  if (width !== LOGO_SIZE) stretch(root, x + LOGO_SIZE, width - LOGO_SIZE)
  image.attributes.width = width
  if ('image' in logo) {
    image.attributes.href = logo.image
    return
  }
  const color = options.logoColor ?? logoColor(logo.icon, ground, text)
  const box = { x, y: Number(image.attributes.y), width, height: LOGO_SIZE }
  Object.assign(image, drawIcon(logo.icon.path, box, ink.paint({ fill: color })))
}

/** Draws an icon in the middle of a box, as large as it fits. @param paint attributes such as `fill` */
export function drawIcon(
  path: string,
  box: { x: number; y: number; width: number; height: number },
  paint: Attributes,
): Element {
  return element('svg', { ...box, viewBox: '0 0 24 24' }, element('path', { ...paint, d: path }))
}

/** Adds a sparkline behind the number. */
export function addSparkline(
  root: Element,
  period: SparklinePeriod,
  style: Style,
  color: ColorPair,
  ink: Ink,
): void {
  const end = Number(root.attributes.width)
  const size = sparklineSize(period, style)
  stretch(root, end - 1, size.width + SPARKLINE_END)
  const transform = `translate(${end} ${SPARKLINE_MARGIN})`
  root.children.push(element('g', { transform }, ...drawSparkline(size, color, ink)))
}

export function roundCorners(root: Element, radius: number): void {
  const rounded = elementsNamed(root, 'rect').filter(({ attributes: { rx } }) => rx !== undefined)
  for (const { attributes } of rounded) attributes.rx = radius
  if (rounded.length > 0) return
  // The styles with square corners have no clip path.
  const { width = 0, height = 0 } = root.attributes
  const clip = element('clipPath', { id: 'r' }, element('rect', { width, height, rx: radius }))
  const [grounds] = elementsNamed(root, 'g')
  if (grounds) grounds.attributes['clip-path'] = 'url(#r)'
  root.children.splice(1, 0, clip)
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

/**
 * Makes room in a drawing: what begins at `at` or behind it moves to the right; what reaches across `at` grows.
 * @param at px from the left
 * @param by px
 */
function stretch(root: Element, at: number, by: number): void {
  const move = (element: Element, name: string, from: number, amount: number) => {
    const before = Number(element.attributes[name] ?? 0)
    if (before >= from) element.attributes[name] = rounded(before + amount)
    return before
  }
  move(root, 'width', 0, by)
  for (const rect of elementsNamed(root, 'rect')) {
    const x = move(rect, 'x', at, by)
    const width = Number(rect.attributes.width)
    if (x < at && x + width > at) rect.attributes.width = rounded(width + by)
  }
  for (const text of elementsNamed(root, 'text')) move(text, 'x', at * TEXT_SCALE, by * TEXT_SCALE)
  for (const path of elementsNamed(root, 'path')) {
    const [, x = '', rest = ''] = /^M([\d.]+)(.*)$/.exec(String(path.attributes.d)) ?? []
    if (Number(x) >= at) path.attributes.d = `M${rounded(Number(x) + by)}${rest}`
  }
}

/** Without the remainders of binary fractions. */
function rounded(length: number): number {
  return Number(length.toFixed(3))
}
