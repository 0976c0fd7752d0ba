import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { STYLES } from '../../src/badge/options/options.ts'
import { build, FILE, freshLists } from '../harness/app.ts'
import { anyCharacter, NASTY, SCRIPT } from '../harness/nasty.ts'
import { parseSvg } from '../harness/svg.ts'

const shared = await build(FILE)
let pages = 0
for (const value of NASTY) {
  for (const place of ['url', 'label', 'color', 'labelColor', 'style']) {
    test(`${JSON.stringify(value.slice(0, 30))} as ${place} is drawn as text or refused`, async () => {
      const { get } = shared
      // A lone surrogate cannot be percent-encoded: what is left of it on the wire is invalid UTF-8.
      const sent = value.isWellFormed() ? encodeURIComponent(value) : '%ED%A0%80'
      pages += 1
      const page = `p${pages}.example`
      const url = place === 'url' ? `?url=${page}/${sent}` : `?url=${page}&${place}=${sent}`
      const answer = await get(`/count/tag.svg${url}`)
      assert.ok([200, 400].includes(answer.statusCode), String(answer.statusCode))
      const { title } = parseSvg(answer.body)
      if (place === 'label' && answer.statusCode === 200 && value.isWellFormed()) {
        assert.equal(title, `${value}: 1`)
      }
      const text = await get(`/nocount${url}`)
      assert.match(text.body, /^(\d+|[^\n]+\n)$/)
    })
  }
}

test('bare urls of the same kind are refused', async () => {
  const { get } = shared
  for (const value of [SCRIPT, 'javascript:alert(1)', 'data:text/html,x', '"><x', '\u0000']) {
    const answer = await get(`/count/tag.svg?url=${encodeURIComponent(value)}`)
    assert.equal(answer.statusCode, 400, value)
    assert.equal(parseSvg(answer.body).title, 'hits: bad url', value)
  }
})

test('a hostile Referer is a page or a refusal', async () => {
  const { get } = shared
  for (const referer of [
    `https://example.com/${SCRIPT}`,
    SCRIPT,
    'javascript:alert(1)',
    'about:blank',
  ]) {
    const answer = await get('/count/tag.svg', { referer })
    assert.ok([200, 400].includes(answer.statusCode))
    parseSvg(answer.body)
  }
})

test('a page cannot be made to look like another in the lists', async (t) => {
  const built = await build(t, { TOP_IGNORE: '' })
  await built.get(`/count?url=${encodeURIComponent(`https://example.com/${SCRIPT}`)}`)
  const { pages } = await freshLists(built)
  assert.deepEqual(pages, [{ name: 'example.com/--%3E%3Cscript%3Ealert(1)%3C/script%3E', hits: 1 }])
})

test('every query gives a well-formed SVG, with nothing in it that the service does not draw', async () => {
  const { get } = shared
  const text = fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 90 }).filter((value) => value.isWellFormed()),
    fc.string({
      unit: fc.constantFrom(...'<>&"\'/=!-[]?;:{}% \u0000\u0085\ufffe1a'),
      maxLength: 90,
    }),
    fc.constantFrom(...NASTY.filter((value) => value.isWellFormed())),
  )
  const color = fc.oneof(
    text,
    fc.constantFrom('red', '4c1', '#abc', 'RGB(1,2,3)', 'hsl(120,50%,50%)', 'hasOwnProperty'),
  )
  const style = fc.oneof({ weight: 4, arbitrary: fc.constantFrom<string>(...STYLES) }, text)
  const query = fc.record(
    { url: text, label: text, color, labelColor: color, style },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(query, async (parameters) => {
      const answer = await get(`/nocount/tag.svg?${new URLSearchParams(parameters)}`)
      assert.ok([200, 400].includes(answer.statusCode), String(answer.statusCode))
      parseSvg(answer.body)
    }),
    { numRuns: 500 },
  )
})

test('no raw query is answered by a server error', async () => {
  const { get } = shared
  const raw = fc.string({ unit: fc.constantFrom(...'&=%+?/aurl0F_[]'), maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(raw, async (query) => {
      const answer = await get(`/nocount/tag.svg?url=${query}`)
      assert.ok([200, 400].includes(answer.statusCode), String(answer.statusCode))
      parseSvg(answer.body)
    }),
    { numRuns: 700 },
  )
})
