import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { parseTemplate } from '../../src/badge/template.ts'
import { build } from '../harness/app.ts'

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
  const fill = parseTemplate('<svg width="{width}">{count}</svg>')
  const widths = [1, 12, 123, 1234].map(
    (count) => /"(.*)"/.exec(fill({ count: `${count}`, label: '', url: '' }))?.[1],
  )
  assert.deepEqual(widths, ['7', '13', '21', '27'])
})

test('a template without {count}, or that is no SVG, is refused', () => {
  assert.throws(() => parseTemplate('<svg>{label}</svg>'), /does not hold \{count\}/)
  assert.throws(() => parseTemplate('<p>{count}</p>'), /no <svg> element/)
  assert.throws(() => parseTemplate(''), /no <svg> element/)
})
