import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import test, { type TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { createPngs, PngProblem } from '../../src/badge/png.ts'
import { slowSvg } from '../harness/hostile-pictures.ts'
import { openPngs, readPng } from '../harness/png.ts'

const svgOf = (width: number, height = 20) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"/>`

/** The threads that are started while a test runs. */
function watchThreads(t: TestContext): Worker[] {
  const started: Worker[] = []
  const add = (message: unknown) => started.push((message as { worker: Worker }).worker)
  subscribe('worker_threads', add)
  t.after(() => unsubscribe('worker_threads', add))
  return started
}

test('what cannot be drawn is rejected, and nothing else', async (t) => {
  const pngs = openPngs(t)
  const bad = ['', '<svg/>', '<svg', 'PNG', svgOf(0), svgOf(20).replace('/>', '><g></svg>')]
  for (const svg of bad) await assert.rejects(pngs.draw(svg), PngProblem, svg)
  for (const scale of [0, -1, Number.NaN]) {
    await assert.rejects(pngs.draw(svgOf(20), scale), PngProblem, `${scale}`)
  }
  assert.equal(readPng(await pngs.draw(svgOf(20))).width, 20)
})

test('a drawing with too many pixels is refused before it is drawn', async (t) => {
  const pngs = openPngs(t)
  assert.ok(await pngs.draw(svgOf(2000, 500), 2))
  for (const [svg, scale] of [
    [svgOf(2001, 500), 2],
    [svgOf(2000, 500), 2.1],
    [svgOf(1e9, 1e9), 1],
    [svgOf(20), 1e9],
  ] as const) {
    await assert.rejects(pngs.draw(svg, scale), PngProblem)
  }
})

test('the same drawing is drawn once, for all who wait and for a while after', async (t) => {
  const pngs = openPngs(t)
  const [first, same] = await Promise.all([pngs.draw(svgOf(30)), pngs.draw(svgOf(30))])
  assert.equal(first, same)
  assert.equal(await pngs.draw(svgOf(30)), first)
  assert.notEqual(await pngs.draw(svgOf(30), 2), first)
})

test('a thread that is killed while it draws loses no drawing', async (t) => {
  const threads = watchThreads(t)
  const pngs = openPngs(t)
  await pngs.draw(svgOf(1))
  assert.equal(threads.length, 1)
  const drawn = Array.from({ length: 40 }, (_, at) => pngs.draw(svgOf(at + 2)))
  for (let killed = 0; killed < 3; killed++) {
    await drawn[10 * killed + 5]
    await threads.at(-1)?.terminate()
  }
  const widths = (await Promise.all(drawn)).map((png) => readPng(png).width)
  assert.deepEqual(
    widths,
    drawn.map((_, at) => at + 2),
  )
  assert.ok(threads.length > 1, 'a thread was killed on its way')
})

test('a picture that takes more than 150 ms is given up, remembered and refused at once', async (t) => {
  const threads = watchThreads(t)
  const pngs = createPngs()
  t.after(() => pngs.close())
  const picture = slowSvg().replace('<svg ', '<svg width="24" height="24" ')
  const order = pngs.order('a stranger', picture)
  await assert.rejects(order.try(picture, 1, picture), PngProblem)
  order.leave()
  assert.throws(() => pngs.order('another', picture), PngProblem)
  const next = pngs.order('another', null)
  assert.equal(readPng(await next.draw(svgOf(20), 1)).width, 20)
  next.leave()
  assert.equal(threads.length, 2, 'its thread was ended, and one started for the next')
})

test('closing rejects what was not drawn', async (t) => {
  const pngs = openPngs(t)
  const waiting = [3, 4, 5].map((width) => pngs.draw(svgOf(width)))
  const [all] = await Promise.all([Promise.allSettled(waiting), pngs.close()])
  assert.deepEqual(
    all.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  await assert.rejects(pngs.draw(svgOf(6)), /no longer/)
})
