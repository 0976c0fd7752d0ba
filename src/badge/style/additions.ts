import type { BadgeOptions, Style } from '../options/options.ts'
import {
  drawSparkline,
  SPARKLINE_MARGIN,
  type SparklinePeriod,
  sparklineSize,
} from '../sparkline.ts'
import { type Attributes, type Content, type Element, element, elementsNamed } from '../svg.ts'
import { LOGO_SIZE, TEXT_SCALE } from './badge-maker.ts'
import { contrast, type Scheme } from './contrast.ts'
import type { ColorPair, StyleSheet } from './theme.ts'

// Changes to badge-maker's drawing that change its size or add shapes.

/** The room behind a sparkline, in px. */
const SPARKLINE_END = 6
/** The least contrast of a picture with its background, by WCAG 2.2. */
const LEAST_PICTURE_CONTRAST = 3

/** The width of a logo; null if the tag names none. Icons are square: beside them, a wider place would be a gap. */
export function logoWidthOf({ logo, logoWidth }: BadgeOptions): number | null {
  const isSquare = logo !== null && 'icon' in logo
  return logoWidth !== null && isSquare ? Math.min(logoWidth, LOGO_SIZE) : logoWidth
}

/** Puts the logo in the place of badge-maker's image. */
export function placeLogo(
  root: Element,
  options: BadgeOptions,
  background: ColorPair,
  text: ColorPair,
  sheet: StyleSheet,
): void {
  const { logo } = options
  const [image] = elementsNamed(root, 'image')
  if (!logo || !image) return
  const x = Number(image.attributes.x)
  const width = logoWidthOf(options) ?? LOGO_SIZE
  if (width !== LOGO_SIZE) stretch(root, x + LOGO_SIZE, width - LOGO_SIZE)
  image.attributes.width = width
  if ('image' in logo) {
    image.attributes.href = logo.image
    return
  }
  const color = options.logoColor ?? logoColor(logo.icon.color, background, text)
  const box = { x, y: Number(image.attributes.y), width, height: LOGO_SIZE }
  Object.assign(image, drawIcon(logo.icon.path, box, sheet.paint({ fill: color })))
}

/** The brand's colour where it stands out from the background, else the text's. */
function logoColor(brand: string, background: ColorPair, text: ColorPair): ColorPair {
  const colorFor = (scheme: Scheme) =>
    contrast(brand, background[scheme], scheme) >= LEAST_PICTURE_CONTRAST ? brand : text[scheme]
  return { light: colorFor('light'), dark: colorFor('dark') }
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
  sheet: StyleSheet,
): void {
  const end = Number(root.attributes.width)
  const size = sparklineSize(period, style)
  stretch(root, end - 1, size.width + SPARKLINE_END)
  const transform = `translate(${end} ${SPARKLINE_MARGIN})`
  root.children.push(element('g', { transform }, ...drawSparkline(size, color, sheet)))
}

/** How long each smaller number is shown, in ms. */
const FRAME_MS = [60, 60, 70, 80, 100, 130, 170, 230]

/** The smaller numbers as shares of the number; they slow down near the end. */
const SHARES = FRAME_MS.map((_, at) => {
  const left = 1 - (at + 1) / (FRAME_MS.length + 1)
  return 1 - left * left
})

/** The smaller numbers that a count-up shows before a number. */
export function countUp(number: number): number[] {
  return SHARES.map((share) => Math.floor(number * share))
}

/**
 * Shows smaller numbers in the number's place for a moment, one after the other. Viewers without CSS, and people who want
 * no motion, see the number alone: only the animation hides it and shows the others.
 * @param texts the number's shadows, and its text as the last
 * @param affixes what stands before and behind the number
 */
export function addCountUp(
  root: Element,
  texts: readonly Element[],
  affixes: { before: string; after: string },
  sheet: StyleSheet,
): void {
  const [text] = texts.slice(-1) as [Element]
  const { textLength: _length, id: _id, class: color = '', ...attributes } = text.attributes
  for (const each of texts) each.attributes.class = `${each.attributes.class ?? ''} n`.trim()
  let start = 0
  const rules: string[] = []
  const frames = FRAME_MS.map((duration, at) => {
    rules.push(`.f${at}{animation:f ${duration}ms ${start}ms}`)
    start += duration
    const frame = {
      ...attributes,
      class: `${color} f${at}`.trim(),
      opacity: '0',
      'aria-hidden': 'true',
    }
    return element('text', frame, affixes.before, ({ frames }) => frames[at] ?? '', affixes.after)
  })
  sheet.addRule(
    '@keyframes f{0%{opacity:.4}40%,100%{opacity:1}}@keyframes n{0%,99%{opacity:0}}' +
      `@media (prefers-reduced-motion:no-preference){.n{animation:n ${start}ms}${rules.join('')}}`,
  )
  const scaled = text.attributes.transform !== undefined
  const foreground = root.children.at(-1) as Element
  foreground.children.push(
    ...(scaled ? frames : [element('g', { transform: 'scale(.1)' }, ...frames)]),
  )
}

export function roundCorners(root: Element, radius: number): void {
  const rounded = elementsNamed(root, 'rect').filter(({ attributes: { rx } }) => rx !== undefined)
  for (const { attributes } of rounded) attributes.rx = inside(radius, attributes)
  if (rounded.length > 0) return
  // The styles with square corners have no clip path.
  const { width = 0, height = 0 } = root.attributes
  const rx = inside(radius, root.attributes)
  const clip = element('clipPath', { id: 'r' }, element('rect', { width, height, rx }))
  const [backgrounds] = elementsNamed(root, 'g')
  if (backgrounds) backgrounds.attributes['clip-path'] = 'url(#r)'
  root.children.splice(1, 0, clip)
}

/** With a larger radius than half the height, ends would be pointed. */
function inside(radius: number, { height }: Attributes): number {
  return Math.min(radius, Number(height) / 2)
}

/**
 * Takes away the left bubble of the social style, and the number's pointer to it.
 * @param number the number's texts
 */
export function removeLeftBubble(root: Element, number: readonly Element[]): void {
  const bubble = elementsNamed(root, 'rect').find(
    ({ attributes: { rx, stroke } }) => rx && stroke !== 'none',
  )
  if (!bubble) return
  const isRemoved = (child: Content) =>
    typeof child === 'object' &&
    ['path', 'rect', 'text'].includes(child.name) &&
    child !== bubble &&
    !number.includes(child)
  for (const group of elementsNamed(root, 'g')) {
    group.children = group.children.filter((child) => !isRemoved(child))
  }
  const left = Number(bubble.attributes.x) - 0.5
  stretch(root, left, -left)
}

/** Scales a drawing, and puts its style sheet behind its title. */
export function finish(root: Element, scale: number, sheet: StyleSheet): void {
  if (scale !== 1) {
    const { width, height } = root.attributes
    root.attributes.viewBox = `0 0 ${width} ${height}`
    root.attributes.width = Number((Number(width) * scale).toFixed(2))
    root.attributes.height = Number((Number(height) * scale).toFixed(2))
  }
  root.children.splice(1, 0, ...sheet.elements())
}

/**
 * Makes room in a drawing. Moves everything from `at` on to the right, and widens shapes that cross `at`.
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
