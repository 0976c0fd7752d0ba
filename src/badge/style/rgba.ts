import { fromString } from 'css-color-converter'

/** Red, green and blue, 0 to 255, and how opaque it is, 0 to 1. */
export type Rgba = [red: number, green: number, blue: number, alpha: number]

/** Degrees, by the units of an angle. */
const DEGREES = new Map([
  ['rad', 180 / Math.PI],
  ['grad', 0.9],
  ['turn', 360],
])

/**
 * A CSS colour as browsers show it. css-color-converter knows which words are colours, but cuts fractions off where
 * browsers round, and neither turns hues nor bounds what is too large: a contrast of 4.5 is 4.45 then.
 * @throws Error where it is none that css-color-converter knows
 */
export function readRgba(color: string): Rgba {
  if (/^#([\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/i.test(color)) return fromHex(color.slice(1))
  const known = fromString(color)
  if (!known) throw new Error(`${color} is not a colour`)
  const [, kind, inside = ''] = /^(rgb|hsl)a?\((.*)\)$/.exec(color) ?? []
  const [first = '', second = '', third = '', alpha = '1'] =
    inside.match(/[\d.]+(%|[a-z]+)?/g) ?? []
  const opaque = share(alpha, 1)
  if (kind === 'rgb') return [channel(first), channel(second), channel(third), opaque]
  if (kind === 'hsl') {
    const hue = parseFloat(first) * (DEGREES.get(first.replace(/[\d.]+/, '')) ?? 1)
    return [...fromHsl(hue, share(second, 100), share(third, 100)), opaque]
  }
  return known.toRgbaArray()
}

function fromHex(hex: string): Rgba {
  const parts = hex.match(hex.length < 6 ? /./g : /../g) ?? []
  const [red = 0, green = 0, blue = 0, alpha = 255] = parts.map((part) =>
    parseInt(part.padStart(2, part), 16),
  )
  return [red, green, blue, alpha / 255]
}

function channel(part: string): number {
  return Math.round(255 * share(part, 255))
}

/** Of so much, or in percent: 0 to 1. */
function share(part: string, most: number): number {
  return Math.min(1, parseFloat(part) / (part.endsWith('%') ? 100 : most))
}

/** https://www.w3.org/TR/css-color-4/#hsl-to-rgb */
function fromHsl(hue: number, saturation: number, lightness: number): [number, number, number] {
  const reach = saturation * Math.min(lightness, 1 - lightness)
  // Whole turns make no difference.
  const part = (offset: number) => {
    const at = (offset + hue / 30) % 12
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1))))
  }
  return [part(0), part(8), part(4)]
}
