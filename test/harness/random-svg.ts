import fc from 'fast-check'

/** SVGs that a renderer may fail on: numbers of all sizes, layers, clip paths, masks, strokes, text, nesting. */

/** Coordinates, mostly within a picture of 24 x 24. Some are as far away as the sanitiser allows. */
const anyNumber = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: -30, max: 60 }).map(String) },
  {
    weight: 10,
    arbitrary: fc.double({ min: -500, max: 500, noNaN: true }).map((n) => n.toFixed(2)),
  },
  { weight: 5, arbitrary: fc.constantFrom('0', '-0', '1e-9', '.001', '500', '-500', '2400') },
  { weight: 2, arbitrary: fc.constantFrom('99999', '240000', '-240000') },
)
/** The same, with some that are farther away. */
const wildNumber = fc.oneof(
  { weight: 20, arbitrary: anyNumber },
  { weight: 1, arbitrary: fc.constantFrom('1e6', '-1e9', '1e38', '4e38', '1e-45', '2147483648') },
)
const share = fc.constantFrom('0', '.5', '.999', '1')
const times = fc.constantFrom(1, 1, 1, 1, 8, 60)

type Pair = readonly [key: string, value: string]

function write(name: string, pairs: readonly Pair[], inside = ''): string {
  const attributes = [...new Map(pairs)].map(([key, value]) => ` ${key}="${value}"`).join('')
  return inside === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${inside}</${name}>`
}

/** @param foreign whether it has elements that the sanitiser does not allow in a logo */
function drawing(foreign: boolean): fc.Arbitrary<string> {
  const number = foreign ? wildNumber : anyNumber
  /** Numbers joined as in path data and transforms. */
  const list = (least: number, most = least) =>
    fc.array(number, { minLength: least, maxLength: most }).map((all) => all.join(' '))
  const pair = (keys: string, value: fc.Arbitrary<string>): fc.Arbitrary<Pair> =>
    fc.tuple(fc.constantFrom(...keys.split(' ')), value)
  const word = (key: string, ...values: string[]) => pair(key, fc.constantFrom(...values))

  const transform = fc
    .constantFrom(
      ['translate', 2],
      ['scale', 1],
      ['scale', 2],
      ['rotate', 1],
      ['skewX', 1],
      ['matrix', 6],
    )
    .chain(([name, many]) => list(many as number).map((numbers) => `${name}(${numbers})`))
  const known: fc.Arbitrary<Pair>[] = [
    pair('opacity fill-opacity stroke-opacity', share),
    word('fill', 'red', 'none', 'url(#a)', 'url(#b)'),
    word('stroke', '#0f0', 'none', 'url(#a)', 'url(#b)'),
    pair(
      'stroke-width stroke-miterlimit',
      fc.oneof(fc.constant('2'), fc.constant('2400'), fc.integer({ min: 0, max: 99 }).map(String)),
    ),
    word('stroke-linejoin', 'round', 'bevel', 'miter'),
    word('stroke-linecap', 'round', 'square'),
    word('vector-effect', 'non-scaling-stroke'),
    word('fill-rule', 'evenodd'),
    pair('transform', transform),
    word('clip-path', 'url(#c)', 'url(#c)', 'none'),
  ]
  const others = [
    word('mask', 'url(#d)'),
    word('filter', 'url(#e)'),
    word('fill', 'url(#f)'),
    pair('stroke-dasharray', list(1, 3)),
    pair('font-size letter-spacing', number),
  ]
  const attributes = (clipped = true) =>
    fc.array(fc.oneof(...(clipped ? known : known.slice(0, -1)), ...(foreign ? others : [])), {
      maxLength: 4,
    })

  const arc = fc
    .tuple(list(3), fc.constantFrom('0 0', '0 1', '1 0', '1 1'), list(2))
    .map((parts) => parts.join(' '))
  const command = fc.oneof(
    fc.tuple(fc.constantFrom(...'MmLlTt'), list(2)),
    fc.tuple(fc.constantFrom(...'HhVv'), list(1)),
    fc.tuple(fc.constantFrom(...'SsQq'), list(4)),
    fc.tuple(fc.constantFrom(...'Cc'), list(6)),
    fc.tuple(fc.constantFrom(...'Aa'), arc),
    fc.constant(['z', '']),
  )
  const path = fc
    .tuple(list(2), fc.array(command, { maxLength: 6 }), times)
    .map(([start, commands, times]) => `M${start}${commands.flat().join('').repeat(times)}`)
    .filter((data) => data.length < 3000)

  function shape(clipped = true): fc.Arbitrary<string> {
    const lengths = (name: string, keys: string) =>
      fc
        .tuple(fc.tuple(...keys.split(' ').map((key) => pair(key, number))), attributes(clipped))
        .map(([own, more]) => write(name, [...own, ...more]))
    const of = (name: string, own: fc.Arbitrary<Pair>, inside = '') =>
      fc.tuple(own, attributes(clipped)).map(([own, more]) => write(name, [own, ...more], inside))
    return fc.oneof(
      lengths('rect', 'x y width height rx'),
      lengths('circle', 'cx cy r'),
      lengths('ellipse', 'cx cy rx ry'),
      lengths('line', 'x1 y1 x2 y2'),
      of('polygon', pair('points', list(2, 12))),
      of('path', pair('d', path)),
      of('path', pair('d', path)),
      ...(foreign ? [of('text', pair('x', number), 'abc漢\u0301')] : []),
    )
  }

  const group: fc.Memo<string> = fc.memo((depth) => {
    if (depth <= 1) return shape()
    const inside = fc
      .tuple(fc.array(group(depth - 1), { minLength: 1, maxLength: 3 }), times)
      .map(([all, times]) =>
        all.join('').length < 300 ? all.join('').repeat(times) : all.join(''),
      )
    const whole = fc
      .tuple(fc.constantFrom('g', 'g', 'svg'), attributes(), inside)
      .map(([name, more, inside]) =>
        write(name, name === 'svg' ? [...more, ['viewBox', '0 0 24 24']] : more, inside),
      )
    return fc.oneof({ weight: 2, arbitrary: shape() }, { weight: 1, arbitrary: whole })
  })

  const units = (key: string) => word(key, 'userSpaceOnUse', 'objectBoundingBox')
  const gradient = (id: string) =>
    fc
      .tuple(
        fc.boolean(),
        units('gradientUnits'),
        fc.array(number, { minLength: 6, maxLength: 6 }),
        transform,
      )
      .map(([straight, units, [a = '', b = '', c = '', d = '', e = '', f = ''], moved]) => {
        const ends: Pair[] = straight
          ? [
              ['x1', a],
              ['y1', b],
              ['x2', c],
              ['y2', d],
            ]
          : [
              ['cx', a],
              ['cy', b],
              ['r', c],
              ['fx', d],
            ]
        const stops = `<stop offset="${e}"/><stop offset="${f}" stop-color="red" stop-opacity=".5"/>`
        const name = straight ? 'linearGradient' : 'radialGradient'
        return write(name, [['id', id], units, ...ends, ['gradientTransform', moved]], stops)
      })
  const shared = (name: string, id: string, key: string, ...lengths: string[]) =>
    fc
      .tuple(
        units(key),
        fc.tuple(...lengths.map((length) => pair(length, number))),
        fc.array(shape(false), { minLength: 1, maxLength: 2 }),
      )
      .map(([units, own, inside]) => write(name, [['id', id], units, ...own], inside.join('')))
  const filter = list(3).map((numbers) => {
    const [x, y, z] = numbers.split(' ')
    const effects = `<feGaussianBlur stdDeviation="${x} ${y}"/><feOffset dx="${z}"/><feMorphology radius="${y}"/>`
    return write(
      'filter',
      [['id', 'e']],
      `${effects}<feTurbulence baseFrequency=".1" numOctaves="9"/>`,
    )
  })
  const definitions = fc.tuple(
    gradient('a'),
    gradient('b'),
    shared('clipPath', 'c', 'clipPathUnits'),
    ...(foreign
      ? [
          shared('mask', 'd', 'maskUnits'),
          filter,
          shared('pattern', 'f', 'patternUnits', 'width', 'height'),
        ]
      : []),
  )
  const viewBox = fc.oneof(
    { weight: 8, arbitrary: fc.constant('0 0 24 24') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('0 0 999999 999999', '-9 -9 1 900000', '500 500 24 24'),
    },
    { weight: 1, arbitrary: foreign ? list(4) : fc.constant('0 0 9 9') },
  )
  return fc
    .tuple(viewBox, definitions, fc.array(group(4), { minLength: 1, maxLength: 4 }))
    .map(([viewBox, defs, inside]) =>
      write(
        'svg',
        [
          ['xmlns', 'http://www.w3.org/2000/svg'],
          ['viewBox', viewBox],
          ['width', '24'],
          ['height', '24'],
        ],
        defs.join('') + inside.join(''),
      ),
    )
}

/** A logo of elements that the sanitiser allows. */
export const hostileLogo = drawing(false)
/** A drawing of elements that resvg knows, with any numbers. */
export const hostileDrawing = drawing(true)
