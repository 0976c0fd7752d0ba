import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { PngProblem } from '../../../src/badge/png/pngs.ts'
import { FILE } from '../../harness/app.ts'
import { ENDLESS, MEMORY, PANIC, SLOW, svgOf, withImage } from '../../harness/hostile-svg.ts'
import { drawer } from '../../harness/png.ts'

/** The threads that start while a test runs. */
function watchWorkers(t: TestContext): Worker[] {
  const workers: Worker[] = []
  const add = (worker: Worker) => void workers.push(worker)
  process.on('worker', add)
  t.after(() => process.off('worker', add))
  return workers
}

test('nothing is loaded before the first drawing, and nothing is drawn in the thread that counts', async (t) => {
  const compile = t.mock.method(WebAssembly, 'compile')
  const instantiate = t.mock.method(WebAssembly, 'instantiate')
  const workers = watchWorkers(t)
  const draw = drawer(t)
  assert.deepEqual([compile.mock.callCount(), workers.length], [0, 0])
  await draw(svgOf(20))
  await draw(svgOf(21))
  assert.deepEqual([compile.mock.callCount(), workers.length], [1, 1])
  assert.equal(instantiate.mock.callCount(), 0)
})

const draw = drawer(FILE)

for (const [name, svg, problem, purpose] of [
  ['makes resvg panic', withImage(PANIC), /unreachable/],
  ['takes too long', withImage(SLOW), /more than 75 ms/, 'trial'],
  ['takes more memory than it may', MEMORY, /unreachable/],
  ['is no XML', '<svg', /SVG data parsing failed/],
  ['is no SVG', '<a/>', /SVG/],
  ['has no size', svgOf(0), /size/],
  ['has a few pixels too many', svgOf(1001, 1000), /1001000 pixels is too large/],
  ['has 10^18 pixels', svgOf(1e9, 1e9), /pixels is too large/],
] as const) {
  test(`a drawing that ${name} is refused, and those behind it are drawn`, async () => {
    const before = process.memoryUsage.rss()
    const bad = assert.rejects(draw(svg, 1, purpose), (error) => {
      assert.ok(error instanceof PngProblem)
      assert.match(error.message, problem)
      return true
    })
    // Each drawing is another one: what was drawn last is kept.
    const behind = [0, 1, 2].map((at) => draw(svgOf(20, 20, `<!-- ${name} ${at} -->`)))
    await bad
    for (const png of await Promise.all(behind)) assert.ok(png.length > 50)
    const grown = (process.memoryUsage.rss() - before) / 1e6
    assert.ok(grown < 300, `${grown} MB`)
  })
}

test('where Node does not know how long a thread has had the processor, the clock decides', async (t) => {
  const known = Object.getOwnPropertyDescriptor(Worker.prototype, 'cpuUsage')
  if (known) {
    Reflect.deleteProperty(Worker.prototype, 'cpuUsage')
    t.after(() => Object.defineProperty(Worker.prototype, 'cpuUsage', known))
  }
  const draw = drawer(t)
  await assert.rejects(draw(ENDLESS, 1, 'trial'), /more than 75 ms/)
  assert.ok(await draw(svgOf(20)))
})

test('a drawing of a million pixels is drawn', async () => {
  assert.ok(await draw(svgOf(500, 500), 2))
})

test('a scale that no drawing can have is refused', async () => {
  for (const scale of [0, -1, Number.NaN, 1e9]) {
    await assert.rejects(draw(svgOf(20), scale), PngProblem, `${scale}`)
  }
})

test('a thread that is ended by hand takes no drawing with it', async (t) => {
  const workers = watchWorkers(t)
  const draw = drawer(t)
  await draw(svgOf(20))
  const all = Array.from({ length: 40 }, (_, at) => draw(svgOf(30 + at)))
  for (const at of [0, 10, 20]) {
    await all[at]
    await workers.at(-1)?.terminate()
  }
  const drawn = await Promise.all(all)
  assert.equal(drawn.length, 40)
  assert.ok(workers.length >= 4, `${workers.length} threads`)
  assert.ok(await draw(svgOf(100)))
})

test('a drawing whose threads are all ended is given up, and the next one is drawn', async (t) => {
  const draw = drawer(t)
  const end = (worker: Worker) => void worker.on('message', () => worker.terminate())
  process.on('worker', end)
  const ended = draw(svgOf(20))
  await assert.rejects(ended, /ended with code/)
  process.off('worker', end)
  assert.ok(await draw(svgOf(21)))
})

test('a thread that cannot start is reported, and tried again', async (t) => {
  const fail = () => Promise.reject(new Error('no memory'))
  const compile = t.mock.method(WebAssembly, 'compile', fail)
  const draw = drawer(t)
  await assert.rejects(draw(svgOf(20)), /no memory/)
  compile.mock.restore()
  assert.ok(await draw(svgOf(20)))
})

test('the first drawing waits for the thread as long as that takes to start', async (t) => {
  const { compile } = WebAssembly
  t.mock.method(WebAssembly, 'compile', async (file: BufferSource) => {
    await setTimeout(3200)
    return compile(file)
  })
  assert.ok(await drawer(t)(svgOf(20), 1, 'trial'))
})

test('closing rejects what was not drawn', async () => {
  const ends: (() => unknown)[] = []
  const draw = drawer({ after: (end) => void ends.push(end) })
  const waiting = [withImage(SLOW), svgOf(20), svgOf(21)].map((svg) => draw(svg))
  const [all] = await Promise.all([Promise.allSettled(waiting), ends[0]?.()])
  assert.deepEqual(
    all.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  await assert.rejects(draw(svgOf(22)), /no longer/)
})
