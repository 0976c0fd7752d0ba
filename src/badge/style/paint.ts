import { type Element, elementsNamed } from '../svg.ts'
import { textOn } from './contrast.ts'
import type { ColorPair, StyleSheet } from './theme.ts'

/** The background of a label: badge-maker's, and another one for dark pages. */
export const LABEL_BACKGROUND: ColorPair = { light: '#555', dark: '#30363d' }
const WHITE = '#fff'
/** badge-maker's shadow of light text. */
const SHADOW = '#010101'
/** Colours of the number in the social style. */
export const SOCIAL = {
  background: { light: '#fafafa', dark: '#21262d' },
  text: { light: '#333', dark: '#e6edf3' },
}
/** The colours that take the place of the social style's own on dark pages. */
const SOCIAL_DARK = new Map([
  ['#fcfcfc', '#21262d'],
  ['#fafafa', '#21262d'],
  ['#d5d5d5', '#484f58'],
  ['#333', '#e6edf3'],
  ['#fff', '#0d1117'],
])

/** Paints the backgrounds of label and number. Without a label there is only the number's. */
export function paintBackgrounds(
  root: Element,
  label: ColorPair,
  number: ColorPair,
  sheet: StyleSheet,
): void {
  const rects = elementsNamed(root, 'rect').filter(
    ({ attributes: { fill } }) => fill && !/^url/.test(`${fill}`),
  )
  const fills = rects.length === 1 ? [number] : [label, number]
  rects.forEach((rect, at) => {
    Object.assign(rect.attributes, sheet.paint({ fill: fills[at] as ColorPair }))
  })
}

/** Paints a text. @param texts its shadows, then the text */
export function paintText(
  root: Element,
  texts: readonly Element[],
  color: ColorPair,
  sheet: StyleSheet,
): void {
  const text = texts.at(-1)
  if (!text) return
  // The group around the texts is white, so badge-maker gives no colour to white text.
  delete text.attributes.fill
  const paint = sheet.paint({ fill: color })
  if (paint.fill !== WHITE || paint.class) Object.assign(text.attributes, paint)
  const groupOf = (child: Element) =>
    elementsNamed(root, 'g').find(({ children }) => children.includes(child))
  const shadow = texts.length > 1 && groupOf(texts[0] as Element)
  if (!shadow) return
  // badge-maker's light shadow of dark text only blurs it.
  const shadowOf = (color: string) => (textOn(color, 'light') === WHITE ? 'none' : SHADOW)
  const fill = { light: shadowOf(color.light), dark: shadowOf(color.dark) }
  const group = fill.light === 'none' && fill.dark === 'none' && groupOf(shadow)
  if (group) group.children = group.children.filter((child) => child !== shadow)
  else Object.assign(shadow.attributes, sheet.paint({ fill }))
}

/** Adds the colours of the social style for dark pages, and paints its texts if the tag names a colour. */
export function paintSocial(
  root: Element,
  texts: readonly Element[],
  textColor: ColorPair | null,
  sheet: StyleSheet,
): void {
  const elements = ['g', 'rect', 'path', 'text'].flatMap((name) => elementsNamed(root, name))
  for (const element of elements) {
    const colors: Record<string, ColorPair> = {}
    for (const property of ['fill', 'stroke']) {
      const light = `${element.attributes[property]}`
      const dark = SOCIAL_DARK.get(light)
      if (dark !== undefined) colors[property] = { light, dark }
    }
    Object.assign(element.attributes, sheet.paint(colors))
  }
  if (textColor === null) return
  for (const text of texts) {
    // The hidden texts are white edges that make the text look carved.
    if (text.attributes['aria-hidden'] === undefined) {
      Object.assign(text.attributes, sheet.paint({ fill: textColor }))
    }
  }
}
