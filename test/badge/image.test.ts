import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readLogo } from '../../src/badge/options/logo.ts'
import { MAX_IMAGE, readImage } from '../../src/badge/untrusted/image.ts'

/** Of 6 x 4 px, all but the GIF as Chromium writes them, without their colour profiles. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAYAAAAECAYAAACtBE5DAAAAHklEQVR4AZTJMQ0AAADCsAX/nsEAHCzZVRncFqMfAgAA//8/e/nnAAAABklEQVQDABh6C/1aUa7yAAAAAElFTkSuQmCC'
const JPEG =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAKBueIx4ZKCMgoy0qqC+8P//8Nzc8P//////////////////////////////////////////////////////////2wBDAaq0tPDS8P//////////////////////////////////////////////////////////////////////////////wAARCAAEAAYDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAL/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAgP/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCABWf/2Q=='
const GIF = 'R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs='
const LOSSY = 'UklGRjQAAABXRUJQVlA4ICgAAACQAQCdASoGAAQAB0CWJaACdLoAA5gA/uUK+Cepco/+N48CvJdjoAAA'
const LOSSLESS = 'UklGRhwAAABXRUJQVlA4TA8AAAAvBcAAAAcQ/Y/+ByKi/wEA'
const ALPHA =
  'UklGRlgAAABXRUJQVlA4WAoAAAAQAAAABQAAAwAAQUxQSAoAAAABB1DAiAhERP8DVlA4ICgAAACQAQCdASoGAAQAB0CWJaACdLoAA5gA/uUK+Cepco/+N48CvJdjoAAA'

const IMAGES = [
  `data:image/png;base64,${PNG}`,
  `data:image/jpeg;base64,${JPEG}`,
  `data:image/gif;base64,${GIF}`,
  `data:image/webp;base64,${LOSSY}`,
  `data:image/webp;base64,${LOSSLESS}`,
  `data:image/webp;base64,${ALPHA}`,
]

const encoded = (type: string, bytes: Buffer | string) =>
  `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`

/** An image with other bytes at a place in it, or put in there. */
function changed(base64: string, at: number, hex: string, put: 'over' | 'in' = 'over'): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  const patch = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const rest = bytes.subarray(put === 'over' ? at + patch.length : at)
  return Buffer.concat([bytes.subarray(0, at), patch, rest])
}

test('pictures are taken as they are', () => {
  for (const image of IMAGES) assert.equal(readImage(image), image)
})

test('pictures are understood as they come in URLs', () => {
  const [png = '', jpeg = ''] = IMAGES
  assert.ok(jpeg.includes('+'))
  assert.equal(readImage(jpeg.replaceAll('+', ' ')), jpeg)
  assert.equal(readImage(png.replace('data:image/png;base64', 'DATA:Image/PNG;BASE64')), png)
})

/** So many characters of base64 behind others. */
const LINE = /(?<=base64,.*)[^=]{20}/gs

test('base64 may be broken into lines, and lack its padding', () => {
  const [png = '', jpeg = '', gif = ''] = IMAGES
  assert.ok(gif.endsWith('=') && jpeg.endsWith('=='))
  for (const image of [png, jpeg, gif]) {
    for (const [why, sent] of [
      ['lines of a certain length', image.replace(LINE, '$&\r\n')],
      ['lines, with spaces for pluses', image.replace(LINE, '$&\n').replaceAll('+', ' ')],
      ['a line break at the end', `${image}\n`],
      [
        'spaces at the end of padding',
        `${image.padEnd(8 + image.length, ' ')}`.replace(/(?<!=) +$/, ''),
      ],
      ['no padding', image.replace(/=+$/, '')],
      ['no padding, and lines', image.replace(/=+$/, '').replace(LINE, '$&\n')],
      ['a tab', image.replace('base64,', 'base64,\t')],
    ] as const) {
      assert.equal(readImage(sent), image, why)
    }
  }
})

test('a plus at the end, sent as a space, is not cut off', () => {
  // Bytes behind the end of a picture do no harm; this one ends in a plus.
  const image = encoded(
    'gif',
    Buffer.concat([Buffer.from(GIF, 'base64'), Buffer.from('3e', 'hex')]),
  )
  assert.ok(image.endsWith('+'), image)
  assert.deepEqual(readLogo(image.replaceAll('+', ' ')), { image })
})

test('what is no picture, or not of the type it says, is refused', () => {
  const [png = '', jpeg = '', gif = '', webp = ''] = IMAGES
  const refused = [
    '',
    'data:',
    'data:image/png;base64,',
    'https://example.com/a.png',
    'javascript:alert(1)',
    `data:text/html;base64,${PNG}`,
    `data:image/bmp;base64,${PNG}`,
    `data:image/png,${PNG}`,
    `data:image/png;base64;base64,${PNG}`,
    ...[jpeg, gif, webp].map((image) => image.replace(/image\/\w+/, 'image/png')),
    ...[png, jpeg, gif].map((image) => image.replace(/image\/\w+/, 'image/webp')),
    png.slice(0, -3),
    `${png}=`,
    `${png}"`,
    ` ${png}`,
    png.replace('/', '_'),
    encoded('png', Buffer.from(PNG, 'base64').subarray(0, 20)),
    encoded('png', changed(PNG, 8, '00000004 43674249 50002002 2bd5b37f', 'in')),
    encoded('jpeg', Buffer.from(JPEG, 'base64').subarray(0, 100)),
    encoded('jpeg', Buffer.from('ffd8ff', 'hex')),
    encoded('gif', 'GIF89a'),
    encoded('gif', changed(GIF, 19, '99')),
    encoded('webp', Buffer.from(LOSSY, 'base64').subarray(0, 24)),
    encoded('svg+xml', Buffer.from(PNG, 'base64')),
  ]
  for (const image of refused) assert.equal(readImage(image), null, image)
})

test('an image may be 8,192 characters', () => {
  const [png = ''] = IMAGES
  const long = (length: number) => `data:image/svg+xml,${SVG}`.padEnd(length)
  assert.ok(readImage(long(MAX_IMAGE)))
  assert.equal(readImage(long(MAX_IMAGE + 1)), null)
  assert.equal(readImage(png.padEnd(10_000, 'AAAA')), null)
})

test('a picture is 1 to 512 px wide and high', () => {
  const sizes: [string, boolean][] = [
    ['00000001 00000001', true],
    ['00000200 00000200', true],
    ['00000201 00000001', false],
    ['00000001 00000201', false],
    ['00000000 00000001', false],
    ['00000001 00000000', false],
    ['ffffffff ffffffff', false],
  ]
  for (const [hex, taken] of sizes) {
    assert.equal(readImage(encoded('png', changed(PNG, 16, hex))) !== null, taken, hex)
  }
})

test('a picture that moves, or has another one of another size in it, is refused', () => {
  const gifFrame = Buffer.from(GIF, 'base64').subarray(19, -1).toString('hex')
  const jpegEnd = Buffer.from(JPEG, 'base64').length - 2
  const refused = {
    'a PNG that moves': encoded(
      'png',
      changed(PNG, 33, '00000008 6163544c 0000000200000000 00000000', 'in'),
    ),
    'a GIF that moves': encoded('gif', changed(GIF, 19, gifFrame, 'in')),
    'a GIF with a frame wider than itself': encoded('gif', changed(GIF, 24, 'ffff')),
    'a GIF with a frame beside itself': encoded('gif', changed(GIF, 22, '0100')),
    'a GIF without a frame': encoded('gif', changed(GIF, 19, '3b')),
    'a JPEG with the beginning of another': encoded('jpeg', changed(JPEG, jpegEnd, 'ffc0 000b')),
    'a JPEG of two sizes': encoded(
      'jpeg',
      changed(JPEG, jpegEnd, 'ffc2 000b 08 ffff ffff 01 012200', 'in'),
    ),
    'a JPEG of a kind that is not known': encoded(
      'jpeg',
      changed(JPEG, jpegEnd, 'ffc9 000b 08 ffff ffff 01 012200', 'in'),
    ),
    'a WebP that moves': encoded(
      'webp',
      changed(ALPHA, 30, '414e4d46 10000000 00000000000000000000000000000000', 'in'),
    ),
    'a WebP larger than it says': encoded('webp', changed(ALPHA, 24, '000000')),
    'a WebP of two': encoded(
      'webp',
      Buffer.concat([Buffer.from(LOSSY, 'base64'), Buffer.from(LOSSY, 'base64').subarray(12)]),
    ),
  }
  for (const [name, image] of Object.entries(refused)) assert.equal(readImage(image), null, name)
})

test('what only looks like another picture is none', () => {
  const comment = 'fffe 0010 ffc0 000b 08 ffff ffff 0000 000000'
  assert.ok(readImage(encoded('jpeg', changed(JPEG, 2, comment, 'in'))))
  const extension = '21fe 0a 2c00000000ffffffff00 00'
  assert.ok(readImage(encoded('gif', changed(GIF, 19, extension, 'in'))))
})

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path fill="red" d="M0 0h4v4z"/></svg>'

/** The SVG in a `data:` URL that was taken. */
function svgIn(image: string | null): string {
  const base64 = /^data:image\/svg\+xml;base64,([\w+/]+=*)$/.exec(image ?? '')?.[1]
  assert.ok(base64 !== undefined, image ?? 'it was refused')
  return Buffer.from(base64, 'base64').toString()
}

test('an SVG is written anew, however it is wrapped', () => {
  const sent = [
    encoded('svg+xml', SVG),
    encoded('svg xml', SVG),
    `data:image/svg+xml,${SVG}`,
    `data:image/svg+xml;utf8,${SVG}`,
    `data:image/svg+xml;charset=utf-8,${encodeURIComponent(SVG)}`,
    `data:image/svg xml,${SVG.replaceAll('<', '%3c').replaceAll('"', "'")}`,
    `data:image/svg+xml,${SVG.replace('<path', '<!-- 100% --><path onclick="alert(1)"')}`,
  ]
  for (const image of sent) assert.equal(svgIn(readImage(image)), SVG, image)
})

test('the gradients of an SVG come with it', () => {
  const gradient = '<radialGradient id="a"/><circle r="1" fill="url(#a)"/>'
  const svg = svgIn(readImage(`data:image/svg+xml,${SVG.replace('</svg>', `${gradient}</svg>`)}`))
  assert.match(
    svg,
    /<defs><radialGradient id="(\w+)"\/><\/defs>.*<circle r="1" fill="url\(#\1\)"\/>/,
  )
})

test('an SVG that cannot be drawn here is refused', () => {
  const refused = [
    SVG.replace('<path', '<script/><path'),
    SVG.replace('red', 'url(http://x)'),
    SVG.replace('</svg>', ''),
    SVG.replace(/ viewBox="[^"]*"/, ''),
    `<!DOCTYPE svg>${SVG}`,
    SVG.replace('<path', '%ff<script/><path'),
    '%3cscript%3e',
  ]
  for (const svg of refused) {
    assert.equal(readImage(`data:image/svg+xml,${svg}`), null, svg)
    assert.equal(readImage(encoded('svg+xml', svg)), null, svg)
  }
})

test('whatever comes in, what comes out is an image that is taken again, or nothing', () => {
  const check = (sent: string) => {
    const image = readImage(sent)
    if (image === null) return
    assert.match(image, /^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,[\w+/]+=*$/)
    if (!image.startsWith('data:image/svg')) assert.equal(readImage(image), image)
  }
  const type = fc.constantFrom('png', 'jpeg', 'gif', 'webp', 'svg+xml')
  const bytes = fc.uint8Array({ maxLength: 200 })
  const begun = fc.constantFrom(
    ...[PNG, JPEG, GIF, LOSSY, LOSSLESS, ALPHA].map((image) => Buffer.from(image, 'base64')),
  )
  fc.assert(fc.property(fc.string(), check))
  fc.assert(fc.property(type, fc.string(), (type, text) => check(`data:image/${type},${text}`)))
  fc.assert(
    fc.property(type, begun, fc.nat(60), bytes, (type, begun, length, bytes) =>
      check(encoded(type, Buffer.concat([begun.subarray(0, length), bytes]))),
    ),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(fc.constantFrom(...IMAGES), fc.nat(), fc.nat(255), (image, place, byte) => {
      const [head = '', data = ''] = image.split(',')
      const changed = Buffer.from(data, 'base64')
      changed[place % changed.length] = byte
      check(`${head},${changed.toString('base64')}`)
    }),
    { numRuns: 1000 },
  )
})
