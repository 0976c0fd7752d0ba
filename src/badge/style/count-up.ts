import { type Element, element } from '../svg.ts'
import type { Ink } from './theme.ts'

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
 * @param texts the number's text and its shadows
 * @param text the text whose attributes the smaller numbers have
 * @param affixes what stands before and behind the number
 * @returns the texts of the smaller numbers
 */
export function addCountUp(
  texts: readonly Element[],
  text: Element,
  affixes: { before: string; after: string },
  ink: Ink,
): Element[] {
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
  ink.rule(
    '@keyframes f{0%{opacity:.4}40%,100%{opacity:1}}@keyframes n{0%,99%{opacity:0}}' +
      `@media (prefers-reduced-motion:no-preference){.n{animation:n ${start}ms}${rules.join('')}}`,
  )
  return frames
}
