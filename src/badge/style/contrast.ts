import { fromString } from 'css-color-converter'
import type { ColorPair } from './theme.ts'

/** The least contrast of text with its background, by WCAG 2.2, level AA. */
export const LEAST_CONTRAST = 4.5

const WHITE = '#fff'
/** Dark text is nearly black; on a few colours in the middle only black can be read. */
const DARK = ['#111', '#000']

/** The pages on which badges stand. A translucent colour lets their background through. */
export const PAGES: ColorPair = { light: '#fff', dark: '#0d1117' }
export type Scheme = keyof ColorPair

/**
 * The least contrast of white text at which the background is darkened until white can be read on it. Below, text is dark. Where
 * white has this contrast, dark text would look heavy, and is harder to read by APCA.
 */
const LEAST_TO_DARKEN = 3
/** How much of its lightness a colour loses in one step. */
const LIGHTNESS_STEP = 0.001

/** The backgrounds that are drawn for text in place of these, for light pages and for dark. */
export function darkenForText({ light, dark }: ColorPair): ColorPair {
  return { light: darkened(light, 'light'), dark: darkened(dark, 'dark') }
}

/**
 * An opaque colour on which white has a contrast of at least 3 to 1, darkened in its own hue by as little as 4.5 to 1
 * needs. Any other colour stays as it is.
 */
function darkened(color: string, scheme: Scheme): string {
  const white = contrast(WHITE, color, scheme)
  const [red, green, blue, alpha] = readRgba(color)
  if (white < LEAST_TO_DARKEN || white >= LEAST_CONTRAST || alpha < 1) return color
  const [hue, saturation, lightness] = toHsl(red, green, blue)
  for (let darker = lightness - LIGHTNESS_STEP; ; darker -= LIGHTNESS_STEP) {
    const hex = toHex(fromHsl(hue, saturation, darker))
    if (contrast(WHITE, hex, scheme) >= LEAST_CONTRAST) return hex
  }
}

/** White if that can be read on a colour, else dark: a contrast of at least 4.5 to 1. */
export function textOn(color: string, scheme: Scheme): string {
  const readable = [WHITE, ...DARK].find((text) => contrast(text, color, scheme) >= LEAST_CONTRAST)
  // White or black has a contrast of at least 4.58 with any colour.
  if (readable === undefined) throw new Error(`no text can be read on ${color}`)
  return readable
}

/** White or dark, whichever can be read on a background. */
export function readableOn({ light, dark }: ColorPair): ColorPair {
  return { light: textOn(light, 'light'), dark: textOn(dark, 'dark') }
}

/**
 * The contrast of a CSS colour with the one behind it, by WCAG's formula: 1 to 21.
 * @param scheme of the page behind both
 * @throws Error if one of them is not a CSS colour
 */
export function contrast(front: string, back: string, scheme: Scheme): number {
  const behind = over(readRgba(back), readRgba(PAGES[scheme]))
  const luminances = [luminance(over(readRgba(front), behind)), luminance(behind)]
  return (Math.max(...luminances) + 0.05) / (Math.min(...luminances) + 0.05)
}

function over([red, green, blue, alpha]: Rgba, behind: Rgba): Rgba {
  const mix = (front: number, back: number) => front * alpha + back * (1 - alpha)
  return [mix(red, behind[0]), mix(green, behind[1]), mix(blue, behind[2]), 1]
}

function luminance([red, green, blue]: Rgba): number {
  const linear = (channel: number) => {
    const share = channel / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/** Red, green and blue are 0 to 255; alpha is 0 to 1. */
type Rgba = [red: number, green: number, blue: number, alpha: number]

/** Degrees in each unit of an angle. */
const DEGREES = new Map([
  ['rad', 180 / Math.PI],
  ['grad', 0.9],
  ['turn', 360],
])

/**
 * Reads a CSS colour as browsers do. css-color-converter decides what is a colour, but it cuts fractions off where
 * browsers round, and it neither wraps hues nor limits values that are too large: with its values, a contrast of 4.5 may
 * be 4.45 in a browser.
 * @throws Error if css-color-converter does not know the colour
 */
function readRgba(color: string): Rgba {
  if (/^#([\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/i.test(color)) return fromHex(color.slice(1))
  const converted = fromString(color)
  if (!converted) throw new Error(`${color} is not a colour`)
  const [, kind, inside = ''] = /^(rgb|hsl)a?\((.*)\)$/.exec(color) ?? []
  const [first = '', second = '', third = '', alpha = '1'] =
    inside.match(/[\d.]+(%|[a-z]+)?/g) ?? []
  const opacity = share(alpha, 1)
  if (kind === 'rgb') {
    const channel = (part: string) => Math.round(255 * share(part, 255))
    return [channel(first), channel(second), channel(third), opacity]
  }
  if (kind === 'hsl') {
    const hue = parseFloat(first) * (DEGREES.get(first.replace(/[\d.]+/, '')) ?? 1)
    return [...fromHsl(hue, share(second, 100), share(third, 100)), opacity]
  }
  return converted.toRgbaArray()
}

function fromHex(hex: string): Rgba {
  const parts = hex.match(hex.length < 6 ? /./g : /../g) ?? []
  const [red = 0, green = 0, blue = 0, alpha = 255] = parts.map((part) =>
    parseInt(part.padStart(2, part), 16),
  )
  return [red, green, blue, alpha / 255]
}

/** A number as a share of `whole`, or a percentage as a share of 100: 0 to 1. */
function share(part: string, whole: number): number {
  return Math.min(1, parseFloat(part) / (part.endsWith('%') ? 100 : whole))
}

/** https://www.w3.org/TR/css-color-4/#rgb-to-hsl */
function toHsl(red: number, green: number, blue: number): [number, number, number] {
  const most = Math.max(red, green, blue)
  const range = most - Math.min(red, green, blue)
  const lightness = (2 * most - range) / 510
  if (range === 0) return [0, 0, lightness]
  const saturation = range / 255 / (1 - Math.abs(2 * lightness - 1))
  if (most === red) return [60 * ((green - blue) / range), saturation, lightness]
  if (most === green) return [60 * ((blue - red) / range + 2), saturation, lightness]
  return [60 * ((red - green) / range + 4), saturation, lightness]
}

function toHex(channels: readonly number[]): string {
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

/** https://www.w3.org/TR/css-color-4/#hsl-to-rgb */
function fromHsl(hue: number, saturation: number, lightness: number): [number, number, number] {
  const reach = saturation * Math.min(lightness, 1 - lightness)
  const part = (offset: number) => {
    // The remainder wraps hues of more than one turn.
    const at = (offset + hue / 30 + 12) % 12
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1))))
  }
  return [part(0), part(8), part(4)]
}
