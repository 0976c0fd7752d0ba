import { type Rgba, readRgba } from './rgba.ts'

/** Least contrast of text to its ground, by WCAG 2.2, level AA. */
export const LEAST_CONTRAST = 4.5

const WHITE = '#fff'
/** Dark text is badge-maker's own grey where that can be read, and black where it cannot. */
const DARK = ['#333', '#000']

/** What a colour that lets light through stands on: the ground of a page, light or dark. */
export const GROUNDS = { light: '#fff', dark: '#0d1117' } as const
export type Ground = keyof typeof GROUNDS

/** White where that can be read on a ground, else dark: a contrast of at least 4.5 to 1 with any colour. */
export function textOn(color: string, ground: Ground): string {
  const fits = [WHITE, ...DARK].find((text) => contrast(text, color, ground) >= LEAST_CONTRAST)
  // One of white and black has a contrast of at least 4.58 to any colour.
  if (fits === undefined) throw new Error(`no text can be read on ${color}`)
  return fits
}

/** The contrast of a colour to another one behind it, 1 to 21, as WCAG works it out. @throws Error where one is no CSS colour */
export function contrast(front: string, back: string, ground: Ground): number {
  const behind = over(readRgba(back), readRgba(GROUNDS[ground]))
  const lights = [luminance(over(readRgba(front), behind)), luminance(behind)]
  return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05)
}

function over([red, green, blue, alpha]: Rgba, behind: Rgba): Rgba {
  const mix = (front: number, back: number) => front * alpha + back * (1 - alpha)
  return [mix(red, behind[0]), mix(green, behind[1]), mix(blue, behind[2]), 1]
}

function luminance([red, green, blue]: Rgba): number {
  const linear = (part: number) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}
