import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { PngProblem, Pngs } from '../../src/badge/png/pngs.ts'
import { build, onErrorLogged, readCount } from '../harness/app.ts'
import { HARMLESS, HIDDEN_PANIC, HIDDEN_SLOW, inData, PANIC, SLOW } from '../harness/hostile-svg.ts'
import { readPng } from '../harness/png.ts'

/** A service, with requests from several addresses. */
async function open(t: TestContext) {
  const { app, store, clock } = await build(t)
  const logged: unknown[] = []
  onErrorLogged(app, (line) => logged.push(line))
  const get = (path: string, query: Record<string, string>, caller = 1) =>
    app.inject({
      url: path,
      query: { url: 'a.example', ...query },
      remoteAddress: `192.0.2.${caller}`,
    })
  return { get, store, clock, logged }
}

const logoOf = (svg: string) => ({ logo: inData(svg) })
/** Pictures that cost the same, but differ. */
const variants = (svg: string, many: number, from = 0) =>
  Array.from({ length: many }, (_, at) =>
    logoOf(svg.replace('</svg>', `<rect width="1" height="${from + at + 1}"/></svg>`)),
  )

for (const [name, svg] of Object.entries({
  'makes resvg panic': HIDDEN_PANIC,
  'takes too long': HIDDEN_SLOW,
})) {
  test(`a logo that ${name} is refused as a badge, is not counted, and others are drawn`, async (t) => {
    const { get, store, logged } = await open(t)
    for (const path of ['/count/tag.png', '/nocount/tag.png', '/active/tag.png']) {
      const answers = await Promise.all([
        get(path, logoOf(svg)),
        get(path, logoOf(HARMLESS), 2),
        get(path, {}, 3),
      ])
      const statuses = answers.map(({ statusCode }) => statusCode)
      assert.deepEqual(statuses, [400, 200, 200], path)
      for (const { headers, rawPayload } of answers) {
        assert.equal(headers['content-type'], 'image/png')
        readPng(rawPayload)
      }
    }
    assert.equal(await readCount(store, 'a.example'), 2)
    assert.deepEqual(logged, [], 'strangers do not fill the log')
  })
}

test('the pictures that ended or held the service do neither', async (t) => {
  const { get } = await open(t)
  for (const svg of [PANIC, SLOW]) {
    const { headers, rawPayload } = await get('/nocount/tag.png', logoOf(svg))
    assert.equal(headers['content-type'], 'image/png')
    readPng(rawPayload)
  }
  assert.equal((await get('/nocount/tag.png', {})).statusCode, 200)
})

test('a badge that cannot be drawn is refused the next time, and its logo in another badge is not', async (t) => {
  const { get } = await open(t)
  const logo = logoOf(HARMLESS)
  const { reserve } = Pngs.prototype
  const mock = t.mock.method(
    Pngs.prototype,
    'reserve',
    function (this: Pngs, ...given: Parameters<typeof reserve>) {
      const [caller, purpose, work] = given
      if (purpose !== 'badge') return reserve.call(this, caller, purpose, work)
      return work(() => Promise.reject(new PngProblem('it fails on purpose')))
    },
  )
  assert.equal((await get('/nocount/tag.png', { ...logo, label: 'hostile' })).statusCode, 500)
  mock.mock.restore()
  assert.equal((await get('/nocount/tag.png', { ...logo, label: 'hostile' })).statusCode, 400)
  assert.equal((await get('/nocount/tag.png', { ...logo, label: 'other' })).statusCode, 200)
})

test('a refused logo costs nothing the next time, whatever else the tag says, for ten minutes', async (t) => {
  const { get, clock } = await open(t)
  let threads = 0
  const count = () => {
    threads += 1
  }
  process.on('worker', count)
  t.after(() => process.off('worker', count))
  const ask = async (label: string) => {
    const before = threads
    const { statusCode } = await get('/count/tag.png', { ...logoOf(HIDDEN_PANIC), label })
    assert.equal(statusCode, 400)
    return threads - before
  }
  await ask('first')
  await get('/nocount/tag.png', {})
  assert.equal(await ask('again'), 0)
  clock.now += 600_000
  assert.equal(await ask('later'), 1)
})

/** Sends hostile logos, and counts those that are refused after a trial. */
function attack(asks: (() => ReturnType<Awaited<ReturnType<typeof open>>['get']>)[]) {
  const attack = { tried: 0, statuses: [] as number[] }
  const all = asks.map(async (ask) => {
    const { statusCode } = await ask()
    if (statusCode === 400) attack.tried += 1
    attack.statuses.push(statusCode)
  })
  return Object.assign(attack, { done: Promise.all(all) })
}

test('a caller with many hostile logos makes another one wait for one at a time', async (t) => {
  const { get } = await open(t)
  await get('/nocount/tag.png', logoOf(HARMLESS), 2)
  const hostile = attack(variants(HIDDEN_SLOW, 8).map((logo) => () => get('/count/tag.png', logo)))
  for (const [at, logo] of variants(HARMLESS, 2).entries()) {
    for (const query of [{ label: `${at}` }, logo]) {
      const before = hostile.tried
      const { statusCode } = await get('/count/tag.png', query, 2)
      assert.equal(statusCode, 200)
      // One whose trial is running, and one more if a trial and a badge wait in turn.
      assert.ok(hostile.tried - before <= 3, `${hostile.tried - before} came first`)
    }
  }
  await hostile.done
  assert.ok(hostile.statuses.every((status) => status === 400 || status === 503))
  // From now on such logos are expected to take long: those that would wait too long are refused at once.
  const next = variants(HIDDEN_SLOW, 20, 100).map((logo) => get('/count/tag.png', logo))
  assert.equal((await Promise.race(next)).statusCode, 503)
})

test('logos of many callers hold up no badge without one', async (t) => {
  const { get, store } = await open(t)
  await get('/nocount/tag.png', {})
  const hostile = attack(
    variants(HIDDEN_SLOW, 6).map((logo, at) => () => get('/count/tag.png', logo, 10 + at)),
  )
  for (let at = 0; at < 3; at += 1) {
    const before = hostile.tried
    assert.equal((await get('/count/tag.png', { label: `${at}` }, 2)).statusCode, 200)
    assert.ok(hostile.tried - before <= 2, `${hostile.tried - before} came first`)
  }
  await hostile.done
  // On a busy machine some would wait too long, and are refused at once.
  assert.ok(hostile.statuses.every((status) => status === 400 || status === 503))
  assert.equal(await readCount(store, 'a.example'), 3)
})
