import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { FORMATS, type NumberFormat, readFormat } from '../../src/badge/options/format.ts'
import { measure } from '../../src/badge/style/measure.ts'

const LANGUAGES =
  'de de-CH de-AT fr fr-CH en-IN en-ZA es es-MX pt pt-PT pl it nl sv nb fi da cs hu ru uk bg el tr he ar ar-EG ar-MA fa ' +
  'ur hi hi-u-nu-deva bn ta th th-u-nu-thai my km lo ka hy gu ne mr ja ko zh zh-u-nu-hanidec vi id sw am en-u-nu-fullwide'
const LOCALES = LANGUAGES.split(' ')
/** As many digits as any, and of each length alike. */
const number = fc
  .tuple(fc.integer({ min: 1, max: 16 }), fc.maxSafeNat())
  .map(([digits, number]) => Number(String(number).slice(0, digits)))
const read = (name: string) => readFormat(name) as NumberFormat

test('a language writes a number as Intl does', () => {
  const formats = LOCALES.map((locale) => ({
    locale,
    write: read(locale).write,
    intl: new Intl.NumberFormat(locale),
  }))
  fc.assert(
    fc.property(fc.constantFrom(...formats), number, ({ locale, write, intl }, number) => {
      assert.equal(write(number), intl.format(number), locale)
    }),
    { numRuns: 5000 },
  )
})

test('the named formats group as Intl does, with their own marks', () => {
  const [english, indian] = ['en', 'en-IN'].map((locale) => new Intl.NumberFormat(locale)) as [
    Intl.NumberFormat,
    Intl.NumberFormat,
  ]
  fc.assert(
    fc.property(number, (number) => {
      const grouped = english.format(number)
      assert.equal(read('plain').write(number), String(number))
      assert.equal(read('comma').write(number), grouped)
      assert.equal(read('space').write(number), grouped.replaceAll(',', '\u00a0'))
      assert.equal(read('dot').write(number), grouped.replaceAll(',', '.'))
      assert.equal(read('indian').write(number), indian.format(number))
    }),
    { numRuns: 2000 },
  )
})

test('compact never says more than there is, nor a tenth less', () => {
  const units = new Map([...' kMBTQ'].map((unit, at) => [unit.trim(), 1000 ** at]))
  fc.assert(
    fc.property(number, (number) => {
      const written = read('compact').write(number)
      const [, digits, unit = ''] = /^(\d{1,3}|\d\.[1-9])([kMBTQ]?)$/.exec(written) ?? []
      const said = Number(digits) * (units.get(unit) as number)
      // 1.1 times a power of ten is not always a whole number here.
      assert.ok(said - number < 1e-9 * number || said === number, `${number}: ${written}`)
      assert.ok(said >= number * 0.9, `${number}: ${written}`)
    }),
    { numRuns: 2000 },
  )
})

test('every Roman number can be read back, and has no letter four times in a row', () => {
  const worth = new Map(Object.entries({ I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 }))
  const { write } = read('roman')
  for (let number = 1; number <= 3999; number++) {
    const values = [...write(number)].map((letter) => worth.get(letter) as number)
    const signed = values.map((value, at) => (value < (values[at + 1] ?? 0) ? -value : value))
    assert.equal(
      signed.reduce((sum, value) => sum + value),
      number,
    )
    assert.doesNotMatch(write(number), /(.)\1{3}|([VLD]).*\2/)
  }
})

test('numbers of as many characters are equally wide where a format says so', () => {
  for (const name of [...FORMATS, ...LOCALES]) {
    const { write, even } = read(name)
    if (!even) continue
    assert.match(write(1_234_567_890), /^[\d.,\u00a0\u202f\u2019]+$/, `${name} needs no escaping`)
    for (let digits = 1; digits <= 15; digits++) {
      const widths = ['1', '8'].map((digit) =>
        measure(write(Number(digit.repeat(digits))), '11px Verdana'),
      )
      assert.equal(widths[0], widths[1], `${name}, ${digits} digits`)
    }
  }
})

test('what is no name of a language is no format, whatever it is', () => {
  for (const name of [
    '',
    'xx',
    'tlh',
    'toString',
    '__proto__',
    'de_CH',
    'de-',
    'en-u-nu-',
    '*',
    'x'.repeat(36),
  ]) {
    assert.equal(readFormat(name), null, name)
  }
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'deuxnCH-_19 \u0000'), maxLength: 12 }),
      (name) => {
        const format = readFormat(name)
        if (format) assert.match(format.write(1234), /^\P{C}+$/u)
      },
    ),
    { numRuns: 1000 },
  )
})
