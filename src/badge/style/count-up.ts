import { type Element, element } from '../svg.ts'
import type { Ink } from './theme.ts'

/** How long each of the smaller numbers stands, in ms: shortly at first. */
const STANDS = [60, 60, 70, 80, 100, 130, 170, 230]

const SHARES = STANDS.map((_, at) => {
  const left = 1 - (at + 1) / (STANDS.length + 1)
  return 1 - left * left
})

/** The numbers that a count-up passes through, closer together near its end. */
export function countUp(number: number): number[] {
  return SHARES.map((share) => Math.floor(number * share))
}

/**
 * Lets smaller numbers stand in the number's place for a moment, one after the other. Who knows no style sheets, or
 * wants no motion, sees the number and nothing else: only the animation hides it, and shows the others.
 * @param texts the number's text, and its shadows
 * @param text the text that the others look like
 * @param around what stands before and behind the number
 */
export function addCountUp(
  texts: readonly Element[],
  text: Element,
  around: { before: string; after: string },
  ink: Ink,
): Element[] {
  const { textLength: _length, id: _id, class: color = '', ...attributes } = text.attributes
  for (const each of texts) each.attributes.class = `${each.attributes.class ?? ''} n`.trim()
  let begins = 0
  const rules: string[] = []
  const frames = STANDS.map((stands, at) => {
    rules.push(`.f${at}{animation:f ${stands}ms ${begins}ms}`)
    begins += stands
    const frame = {
      ...attributes,
      class: `${color} f${at}`.trim(),
      opacity: '0',
      'aria-hidden': 'true',
    }
    return element('text', frame, around.before, (shown) => shown.frames[at] ?? '', around.after)
  })
  ink.rule(
    '@keyframes f{0%{opacity:.4}40%,100%{opacity:1}}@keyframes n{0%,99%{opacity:0}}' +
      `@media (prefers-reduced-motion:no-preference){.n{animation:n ${begins}ms}${rules.join('')}}`,
  )
  return frames
}
