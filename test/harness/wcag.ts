/** Contrast by WCAG 2.2, written from its text without any code of the service. */

type Rgba = [red: number, green: number, blue: number, alpha: number]

const NAMES = new Map<string, Rgba>([
  ['white', [255, 255, 255, 1]],
  ['black', [0, 0, 0, 1]],
  ['rebeccapurple', [102, 51, 153, 1]],
])

/** @throws Error if it is not a colour of a kind that the tests use */
function read(color: string): Rgba {
  const hex = /^#([\da-f]+)$/.exec(color)?.[1]
  if (hex) {
    const long = hex.length > 4 ? hex : [...hex].map((digit) => digit + digit).join('')
    const bits = parseInt(long.padEnd(8, 'f'), 16)
    return [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, (bits & 255) / 255]
  }
  const [, kind, inside = ''] = /^(rgba?|hsl)\((.*)\)$/.exec(color) ?? []
  const [a = 0, b = 0, c = 0, alpha = 1] = inside.split(',').map((part) => {
    const most = kind === 'hsl' ? 100 : 255
    return part.endsWith('%') ? (Math.min(100, parseFloat(part)) * most) / 100 : Number(part)
  })
  if (kind === 'hsl') return [...fromHsl(a, b / 100, c / 100), 1]
  if (kind) return [Math.round(a), Math.round(b), Math.round(c), Math.min(1, alpha)]
  const named = NAMES.get(color)
  if (!named) throw new Error(`${color} is not known here`)
  return named
}

/** By CSS Color 4. */
function fromHsl(hue: number, saturation: number, light: number): [number, number, number] {
  const part = (n: number) => {
    const k = (n + hue / 30) % 12
    const reach = saturation * Math.min(light, 1 - light)
    return Math.round(255 * (light - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [part(0), part(8), part(4)]
}

function onto([r, g, b, alpha]: Rgba, below: Rgba): Rgba {
  const mix = (part: number, at: number) => alpha * part + (1 - alpha) * (below[at] as number)
  return [mix(r, 0), mix(g, 1), mix(b, 2), 1]
}

function luminance([r, g, b]: Rgba): number {
  const [red, green, blue] = [r, g, b].map((part) =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** The contrast, from 1 to 21, of a colour with the colours below it, lowest first. */
export function contrastOn(front: string, below: readonly string[]): number {
  const ground = below.map(read).reduce((lower, upper) => onto(upper, lower))
  const [less, more] = [luminance(onto(read(front), ground)), luminance(ground)].sort(
    (a, b) => a - b,
  )
  return ((more as number) + 0.05) / ((less as number) + 0.05)
}
