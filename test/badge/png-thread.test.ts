import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createPngs, type PngOptions, PngsFull, PngTooLarge } from '../../src/badge/png.ts'

const svgOf = (width: number, height = 20) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"/>`

function open(t: TestContext, options: Partial<PngOptions> = {}) {
  const pngs = createPngs(options)
  t.after(() => pngs.close())
  return pngs
}

/** A thread that does what a drawing says; what it draws is the drawing itself. */
const OBEDIENT = program(`
  import { parentPort } from 'node:worker_threads'
  parentPort.on('message', ({ svg }) => {
    if (svg === 'exit') process.exit(3)
    if (svg === 'fall') throw new Error('it fell')
    if (svg !== 'wait') parentPort.postMessage({ png: new TextEncoder().encode(svg) })
  })`)

function program(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}

const text = (png: Uint8Array) => new TextDecoder().decode(png)

test('no more drawings wait than may, and the same one waits once', async (t) => {
  const pngs = open(t, { program: OBEDIENT, most: 2 })
  assert.equal(pngs.full, false)
  const first = pngs.draw('a', 1)
  const same = pngs.draw('a', 1)
  assert.equal(pngs.full, false)
  const larger = pngs.draw('a', 2)
  assert.equal(pngs.full, true)
  await assert.rejects(pngs.draw('b', 1), PngsFull)
  assert.equal(text(await pngs.draw('a', 1)), 'a')
  assert.equal(await first, await same)
  await larger
  assert.equal(pngs.full, false)
  assert.equal(text(await pngs.draw('b', 1)), 'b')
})

test('a thread that dies takes one drawing with it, and the next has a new thread', async (t) => {
  const pngs = open(t, { program: OBEDIENT })
  for (const [command, message] of [
    ['exit', /ended with code 3/],
    ['fall', /it fell/],
  ] as const) {
    const before = pngs.draw(`before ${command}`, 1)
    const dying = pngs.draw(command, 1)
    const behind = pngs.draw(`behind ${command}`, 1)
    assert.equal(text(await before), `before ${command}`)
    await assert.rejects(dying, message)
    assert.equal(text(await behind), `behind ${command}`)
  }
})

test('a thread that cannot start is told of with each drawing', async (t) => {
  const pngs = open(t, { program: program('import "node:nothing"') })
  await assert.rejects(pngs.draw('a', 1), /nothing/)
  await assert.rejects(pngs.draw('b', 1), /nothing/)
  assert.equal(pngs.full, false)
})

test('a drawing that takes too long is given up, and its thread with it', async (t) => {
  const rings = new Set<() => void>()
  const after = (ms: number, ring: () => void) => {
    assert.equal(ms, 1234)
    rings.add(ring)
    return () => void rings.delete(ring)
  }
  const pngs = open(t, { program: OBEDIENT, limitMs: 1234, after })
  await pngs.draw('a', 1)
  assert.equal(rings.size, 0, 'the clock of what is done is stopped')
  const slow = pngs.draw('wait', 1)
  const behind = pngs.draw('behind', 1)
  assert.equal(rings.size, 1)
  for (const ring of rings) ring()
  await assert.rejects(slow, /more than 1234 ms/)
  assert.equal(text(await behind), 'behind')
})

test('what cannot be drawn is rejected, and nothing else', async (t) => {
  const pngs = open(t)
  const bad = ['', '<svg/>', '<svg', 'PNG', svgOf(0), svgOf(20).replace('/>', '><g></svg>')]
  const drawn = await Promise.allSettled([...bad, svgOf(20)].map((svg) => pngs.draw(svg, 1)))
  assert.deepEqual(
    drawn.map(({ status }) => status),
    [...bad.map(() => 'rejected'), 'fulfilled'],
  )
  for (const scale of [0, -1, Number.NaN]) await assert.rejects(pngs.draw(svgOf(20), scale))
})

test('a drawing with too many pixels is refused before it is drawn', async (t) => {
  const pngs = open(t)
  assert.ok(await pngs.draw(svgOf(2000, 500), 2))
  for (const [svg, scale] of [
    [svgOf(2001, 500), 2],
    [svgOf(2000, 500), 2.1],
    [svgOf(1e9, 1e9), 1],
    [svgOf(20), 1e9],
  ] as const) {
    await assert.rejects(pngs.draw(svg, scale), PngTooLarge)
  }
})

test('what was drawn last is kept, up to so many bytes', async (t) => {
  // Each takes 6 bytes for "1 aaa" and "1 bbb", twice, and 3 for what is drawn.
  const pngs = open(t, { program: OBEDIENT, kept: 26 })
  const first = await pngs.draw('aaa', 1)
  const second = await pngs.draw('bbb', 1)
  assert.equal(await pngs.draw('aaa', 1), first)
  await pngs.draw('ccc', 1)
  assert.equal(await pngs.draw('aaa', 1), first, 'used after the other')
  assert.notEqual(await pngs.draw('bbb', 1), second)
  const long = 'a'.repeat(100)
  assert.notEqual(await pngs.draw(long, 1), await pngs.draw(long, 1))
})

test('closing rejects what was not drawn', async () => {
  const pngs = createPngs({ program: OBEDIENT })
  const waiting = ['wait', 'a', 'b'].map((svg) => pngs.draw(svg, 1))
  const [all] = await Promise.all([Promise.allSettled(waiting), pngs.close()])
  assert.deepEqual(
    all.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  await assert.rejects(pngs.draw('c', 1), /no longer/)
})
