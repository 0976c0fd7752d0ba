import anafanafo from 'anafanafo'

/** Fonts that badge-maker measures numbers by. */
export type Font = '11px Verdana' | 'bold 10px Verdana' | 'bold 11px Helvetica'

/** Characters whose widths are remembered: those of numbers in every language are a few hundred. */
const MOST_KNOWN = 1000

const known: Readonly<Record<Font, Map<string, number>>> = {
  '11px Verdana': new Map(),
  'bold 10px Verdana': new Map(),
  'bold 11px Helvetica': new Map(),
}

/** The width of a text in px, as badge-maker measures it: the sum of its characters. */
export function measure(text: string, font: Font): number {
  const widths = known[font]
  let sum = 0
  for (const character of text) {
    let width = widths.get(character)
    if (width === undefined) {
      width = anafanafo(character, { font })
      if (widths.size < MOST_KNOWN) widths.set(character, width)
    }
    sum += width
  }
  return sum
}
