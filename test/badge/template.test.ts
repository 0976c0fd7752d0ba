import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { parseTemplate, readTemplate } from '../../src/badge/template.ts'
import { build, temporaryFolder } from '../harness/app.ts'

const OWN = `<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20">
  <!-- {url} counted {count} times -->
  <style>text{fill:#222}</style>
  <title>{label}</title><text x="2" y="14" data-url="{url}">{label} {count}</text>
</svg>
`

test("an operator's own SVG is drawn instead, with everything filled in", async (t) => {
  const { get } = await build(t, {}, OWN)
  await get('/count?url=example.com/a')
  const { body, statusCode } = await get('/count/tag.svg?url=example.com/a&label=views')
  assert.equal(statusCode, 200)
  assert.equal(
    body,
    `<svg xmlns="http://www.w3.org/2000/svg" width="7" height="20">
  <!-- example.com/a counted 2 times -->
  <style>text{fill:#222}</style>
  <title>views</title><text x="2" y="14" data-url="example.com/a">views 2</text>
</svg>`,
  )
})

test('what is put in is escaped: in text, in attributes and in comments', () => {
  const fill = parseTemplate(OWN)
  const text = fc.string({ unit: fc.constantFrom(...'<>&"\'-{}a/!?$'), maxLength: 30 })
  const values = fc.record({ label: text, url: text, count: text })
  fc.assert(
    fc.property(values, ({ label, url, count }) => {
      const found = { elements: 0, title: '', url: '' }
      let inTitle = false
      const parser = new SaxesParser()
      parser.on('error', (error) => assert.fail(error))
      parser.on('opentag', ({ name, attributes }) => {
        found.elements += 1
        inTitle = name === 'title'
        if (name === 'text') found.url = String(attributes['data-url'])
      })
      parser.on('closetag', () => {
        inTitle = false
      })
      parser.on('text', (content) => {
        if (inTitle) found.title += content
      })
      parser.write(fill({ count, label, url })).close()
      assert.deepEqual(found, { elements: 4, title: label, url })
    }),
    { numRuns: 1000 },
  )
})

test('the width is that of the number in 11 px Verdana', () => {
  const fill = parseTemplate(
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}">{count}</svg>',
  )
  const widths = [1, 12, 123, 1234].map(
    (count) => /width="(.*)"/.exec(fill({ count: `${count}`, label: '', url: '' }))?.[1],
  )
  assert.deepEqual(widths, ['7', '13', '21', '27'])
})

test('a template without {count}, or that is no SVG, is refused', () => {
  assert.throws(() => parseTemplate('<svg>{label}</svg>'), /does not hold \{count\}/)
  assert.throws(() => parseTemplate('<p>{count}</p>'), /no <svg> element/)
  assert.throws(() => parseTemplate(''), /no <svg> element/)
})

const SVG = 'http://www.w3.org/2000/svg'
const refused: [inside: string, why: RegExp][] = [
  ['<text>{count}', /not well-formed XML, at line and column 1:\d+: /],
  ['<text x=1>{count}</text>', /not well-formed/],
  ['<text>{count}&nbsp;</text>', /not well-formed.*entity/],
  ['<text xlink:href="#a">{count}</text>', /not well-formed.*prefix/],
  [
    '<text>{count} {lable}</text>',
    /holds \{lable\}; only \{count\}, \{label\}, \{width\}, \{url\} are filled in$/,
  ],
  ['<text>{count}</text><rect width="{recWidth}"/>', /holds \{recWidth\};/],
  ['<text>{count} { count }</text>', /holds \{ count \};.* written so$/],
  ['<text>{count} {Count}</text>', /holds \{Count\};/],
  ['<text>{{count}}</text>', /holds \{\{count\}\};/],
]
test('a template that no browser draws, or with a place that nothing fills, is refused with the reason', () => {
  for (const [inside, why] of refused) {
    assert.throws(() => parseTemplate(`<svg xmlns="${SVG}">${inside}</svg>`), why, inside)
  }
  assert.throws(() => parseTemplate('<svg>{count}</svg>'), /first element is not <svg xmlns=/)
  assert.throws(() => parseTemplate(`<g xmlns="${SVG}"><svg>{count}</svg></g>`), /first element/)
  const entities = `<!DOCTYPE svg [<!ENTITY ns "${SVG}">]><svg xmlns="&ns;">{count}</svg>`
  assert.throws(() => parseTemplate(entities), /defines entities in its DOCTYPE/)
  const fine = '<style>@media print{a{fill:red}}text{}</style><!-- {} {1} --><text>{count}</text>'
  assert.ok(parseTemplate(`<?xml version="1.0"?>\n<svg xmlns="${SVG}">${fine}</svg>`))
})

test('a template file is read within bounds: no device, no pipe, no folder, nothing too large', (t) => {
  const folder = temporaryFolder(t)
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const own = `<svg xmlns="${SVG}">{count}</svg>`
  assert.equal(readTemplate(file('fine.svg', own)), own)
  assert.throws(() => readTemplate('/dev/zero'), /\/dev\/zero is not a file/)
  assert.throws(() => readTemplate(join(folder, 'pipe')), /pipe is not a file/)
  assert.throws(() => readTemplate(folder), /is not a file/)
  assert.throws(() => readTemplate(join(folder, 'none.svg')), /no such file/)
  assert.throws(
    () => readTemplate(file('large.svg', own + ' '.repeat(60_000))),
    /larger than 60000/,
  )
  assert.throws(() => readTemplate(file('latin1.svg', Buffer.from(`${own}é`, 'latin1'))), /UTF-8/)
})
