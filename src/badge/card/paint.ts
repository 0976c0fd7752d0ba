import type { Pair } from '../style/theme.ts'

/** What a graph is painted with. The grounds and texts are those of GitHub's own cards. */
export const PAINTS = {
  ground: { light: '#ffffff', dark: '#0d1117' },
  border: { light: '#d0d7de', dark: '#30363d' },
  grid: { light: '#e4e8ec', dark: '#21262d' },
  baseline: { light: '#afb8c1', dark: '#484f58' },
  text: { light: '#1f2328', dark: '#f0f6fc' },
  muted: { light: '#59636e', dark: '#9198a1' },
  bars: { light: '#2da44e', dark: '#3fb950' },
} as const satisfies Record<string, Pair>

/** All lengths are in px, before the drawing is scaled. */
export const WIDTH = 480
export const HEIGHT = 190
export const LEFT = 20
export const RIGHT = WIDTH - LEFT

export const FONTS = 'Verdana,Geneva,DejaVu Sans,sans-serif'
/** Sizes of text. */
export const SMALL = 11
export const TINY = 10

/** A length as it is written down: hundredths of a px are more than anyone can see. */
export function px(length: number): number {
  return Math.round(length * 100) / 100
}
