import fc from 'fast-check'

const hex = fc.nat({ max: 0xffffff }).map((color) => color.toString(16).padStart(6, '0'))
const part = fc.nat({ max: 255 })
const share = fc.nat({ max: 110 })
const hundredths = fc.nat({ max: 100 })
const turns = fc.nat({ max: 900 })
/** Colours as people write them. */
export const color: fc.Arbitrary<string> = fc.oneof(
  hex,
  hex.map((color) => `#${color.slice(0, 3)}`),
  fc.constantFrom(
    'brightgreen',
    'orange',
    'RebeccaPurple',
    'white',
    'black',
    'lightgrey',
    'critical',
  ),
  fc.tuple(part, part, part).map((parts) => `rgb(${parts})`),
  fc.tuple(share, share, share).map((parts) => `rgb(${parts.map((part) => `${part}%`)})`),
  fc.tuple(part, part, part, hundredths).map(([r, g, b, a]) => `rgba(${r},${g},${b},${a / 100})`),
  fc.tuple(hex, part).map(([color, a]) => `#${color}${a.toString(16).padStart(2, '0')}`),
  fc.tuple(turns, share, share).map(([h, s, l]) => `hsl(${h},${s}%,${l}%)`),
)
