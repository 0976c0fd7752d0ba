import type { Element } from '../svg.ts'
import { textOn } from './contrast.ts'
import { all } from './stretch.ts'
import type { Ink, Pair } from './theme.ts'

/** badge-maker's own ground for a label, and one for pages that are dark. */
export const LABEL_GROUND: Pair = { light: '#555', dark: '#30363d' }
const WHITE = '#fff'
/** badge-maker's shadows, below light text and below dark. */
const SHADOW = { ofLight: '#010101', ofDark: '#ccc' }
/** The social style's number, and what stands on it. */
export const SOCIAL = {
  ground: { light: '#fafafa', dark: '#21262d' },
  text: { light: '#333', dark: '#e6edf3' },
}
/** The colours of the social style on dark ground. */
const SOCIAL_DARK = new Map([
  ['#fcfcfc', '#21262d'],
  ['#fafafa', '#21262d'],
  ['#d5d5d5', '#484f58'],
  ['#333', '#e6edf3'],
  ['#fff', '#0d1117'],
])

/** The colour of text on a ground: the tag's own, else one that can be read. */
export function textPair(own: Pair | null, ground: Pair): Pair {
  return own ?? { light: textOn(ground.light, 'light'), dark: textOn(ground.dark, 'dark') }
}

/** Gives the grounds of label and number, or of the number alone, their colours. */
export function paintGrounds(root: Element, grounds: [Pair, Pair], ink: Ink): void {
  const rects = all(root, 'rect').filter(
    ({ attributes: { fill } }) => fill && !/^url/.test(`${fill}`),
  )
  const pairs = rects.length === 1 ? grounds.slice(1) : grounds
  rects.forEach((rect, at) => {
    Object.assign(rect.attributes, ink.paint({ fill: pairs[at] as Pair }))
  })
}

/** Colours a text, and the two texts below it that are its shadow, if there are. */
export function paintText(root: Element, texts: readonly Element[], color: Pair, ink: Ink): void {
  const text = texts.at(-1)
  if (!text) return
  // The group is white, so badge-maker names no other text's colour.
  delete text.attributes.fill
  const paint = ink.paint({ fill: color })
  if (paint.fill !== WHITE || paint.class) Object.assign(text.attributes, paint)
  const below = all(root, 'g').find(
    ({ children }) => texts.length > 1 && children.includes(texts[0] as Element),
  )
  if (!below) return
  const shadow = (pair: string) =>
    textOn(pair, 'light') === WHITE ? SHADOW.ofDark : SHADOW.ofLight
  const shadows = { light: shadow(color.light), dark: shadow(color.dark) }
  Object.assign(below.attributes, ink.paint({ fill: shadows }))
}

/** The social style has colours of its own; on dark ground, others. */
export function paintSocial(
  root: Element,
  texts: readonly Element[],
  own: Pair | null,
  ink: Ink,
): void {
  for (const element of ['g', 'rect', 'path', 'text'].flatMap((name) => all(root, name))) {
    const pairs: Record<string, Pair> = {}
    for (const property of ['fill', 'stroke']) {
      const light = `${element.attributes[property]}`
      const dark = SOCIAL_DARK.get(light)
      if (dark !== undefined) pairs[property] = { light, dark }
    }
    Object.assign(element.attributes, ink.paint(pairs))
  }
  if (own === null) return
  // What stands below a text makes it look carved, in white, and is not its colour.
  for (const text of texts) {
    if (text.attributes['aria-hidden'] === undefined) {
      Object.assign(text.attributes, ink.paint({ fill: own }))
    }
  }
}
