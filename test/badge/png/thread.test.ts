import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createPngs, type PngOptions, PngProblem } from '../../../src/badge/png/pngs.ts'
import { PANIC, SLOW, svgOf, withImage } from '../../harness/hostile-svg.ts'

function open(t: TestContext, options: Partial<PngOptions> = {}) {
  const pngs = createPngs(options)
  t.after(() => pngs.close())
  return pngs
}

test('nothing is loaded before the first drawing, and nothing is drawn in the thread that counts', async (t) => {
  const compile = t.mock.method(WebAssembly, 'compile')
  const instantiate = t.mock.method(WebAssembly, 'instantiate')
  const pngs = open(t)
  assert.equal(compile.mock.callCount(), 0)
  await pngs.draw(svgOf(20), 1)
  assert.equal(compile.mock.callCount(), 1)
  assert.equal(instantiate.mock.callCount(), 0)
})

test('a drawing that makes resvg panic is refused, and those behind it are drawn', async (t) => {
  const pngs = open(t)
  const panic = assert.rejects(pngs.draw(withImage(PANIC), 1), PngProblem)
  const behind = pngs.draw(svgOf(20), 1)
  await panic
  assert.ok(await behind)
})

test('a drawing that takes too long is refused, and those behind it are drawn', async (t) => {
  const pngs = open(t)
  const slow = assert.rejects(pngs.draw(withImage(SLOW), 1), /more than 150 ms/)
  const behind = pngs.draw(svgOf(20), 1)
  await slow
  assert.ok(await behind)
})

test('a drawing that takes more memory than it may is refused', async (t) => {
  const pngs = open(t)
  // A layer for each group, of 16 MB.
  const layers = '<g opacity=".5"><rect width="2000" height="2000"/>'.repeat(10) + '</g>'.repeat(10)
  const svg = svgOf(2000, 2000, layers)
  const before = process.memoryUsage.rss()
  await assert.rejects(pngs.draw(svg, 1), PngProblem)
  const grown = (process.memoryUsage.rss() - before) / 1e6
  assert.ok(grown < 300, `${grown} MB`)
})
