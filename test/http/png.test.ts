import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { build, cookieOf, FILE, onErrorLogged, readCount, temporaryFolder } from '../harness/app.ts'
import { fontFor, NOWHERE } from '../harness/fonts.ts'
import { inData } from '../harness/hostile-svg.ts'
import { readPng } from '../harness/png.ts'

const { get, store } = await build(FILE)

test('/count/tag.png counts as /count does, and is as large as the badge and its scale', async () => {
  const svg = await get('/nocount/tag.svg?url=example.com/a')
  const width = Number(/ width="(\d+)"/.exec(svg.body)?.[1])
  for (const [scale, count] of [
    ['', 1],
    ['1', 2],
    ['2', 3],
    ['3', 4],
  ] as const) {
    const answer = await get(`/count/tag.png?url=example.com/a&scale=${scale}`)
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-type'], 'image/png')
    assert.match(String(answer.headers['cache-control']), /no-store/)
    const png = readPng(answer.rawPayload)
    const times = Number(scale || 1)
    assert.deepEqual([png.width, png.height], [width * times, 20 * times])
    assert.equal(await readCount(store, 'example.com/a'), count)
  }
  const again = await get('/count/tag.png?url=example.com/b')
  await get('/count/tag.png?url=example.com/b', { cookie: cookieOf(again) })
  assert.equal(await readCount(store, 'example.com/b'), 1)
})

test('/nocount/tag.png and /active/tag.png leave no trace', async () => {
  await get('/count?url=example.com/seen')
  const answers = await Promise.all(
    ['/nocount/tag.png?url=example.com/seen', '/active/tag.png', '/active/tag.png?label='].map(
      (url) => get(url),
    ),
  )
  for (const { statusCode, headers, rawPayload } of answers) {
    assert.equal(statusCode, 200)
    assert.equal(headers['set-cookie'], undefined)
    readPng(rawPayload)
  }
  assert.notDeepEqual(answers[1]?.rawPayload, answers[2]?.rawPayload)
  assert.equal(await readCount(store, 'example.com/seen'), 1)
})

test('the PNG follows the options of the tag', async () => {
  const answer = await get(
    '/nocount/tag.png?url=a.example&style=flat-square&color=0969da&labelColor=8250df',
  )
  const { width, at } = readPng(answer.rawPayload)
  assert.deepEqual(at(1, 1), [0x82, 0x50, 0xdf, 255])
  assert.deepEqual(at(width - 2, 1), [0x09, 0x69, 0xda, 255])
})

test('a wrong option or page is refused as a PNG, and nothing is counted', async () => {
  for (const wrong of [
    'scale=4',
    'scale=1.5',
    'scale=1&scale=2',
    'color=nocolour',
    'url=b.example',
  ]) {
    const answer = await get(`/count/tag.png?url=wrong.example&${wrong}`)
    assert.equal(answer.statusCode, 400, wrong)
    assert.equal(answer.headers['content-type'], 'image/png')
    const { width, height, at } = readPng(answer.rawPayload)
    assert.equal(height, 20)
    const [red, green, blue] = at(width - 3, 10) as [number, number, number, number]
    assert.ok(red > 150 && green < 80 && blue < 90, `${wrong} is red`)
  }
  const line = await get('/count/tag.png?url=wrong.example&scale=4', { accept: 'text/plain' })
  assert.equal(line.body, 'scale must be 1, 2 or 3 for a PNG.\n')
  assert.equal(await readCount(store, 'wrong.example'), 0)
})

test('where too many wait to be drawn, more are refused before they are counted', async (t) => {
  const { get, store } = await build(t)
  const answers = await Promise.all(
    Array.from({ length: 260 }, (_, at) =>
      get(`/count/tag.png?url=example.com&label=${at}&scale=3`),
    ),
  )
  const drawn = answers.filter(({ statusCode }) => statusCode === 200)
  const refused = answers.filter(({ statusCode }) => statusCode === 503)
  assert.equal(drawn.length, 200)
  assert.equal(refused.length, 60)
  assert.equal(refused[0]?.headers['retry-after'], '5')
  assert.equal(await readCount(store, 'example.com'), 200)
  assert.equal((await get('/count/tag.png?url=example.com')).statusCode, 200)
})

test('a refusal that cannot be drawn in time is a line of text and is not logged; later ones are drawn again', async (t) => {
  const { app, get } = await build(t)
  const logged: unknown[] = []
  onErrorLogged(app, (line) => logged.push(line))
  const refused = () => get('/nocount/tag.png?url=a.example&color=nocolour')
  const answers = await Promise.all(Array.from({ length: 260 }, refused))
  const drawn = answers.filter(({ headers }) => headers['content-type'] === 'image/png')
  assert.equal(drawn.length, 200)
  const line = answers.find(({ headers }) => headers['content-type'] !== 'image/png')
  assert.match(line?.body ?? '', /^color must be a colour/)
  assert.equal(line?.statusCode, 400)
  assert.equal((await refused()).headers['content-type'], 'image/png')
  assert.deepEqual(logged, [])
})

test("an operator's own badge that cannot be a PNG is refused before anything is counted", async (t) => {
  const own = (inside: string, width = 60) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20">${inside}<text>{count}</text></svg>`
  const asks = await build(t, {}, own('', 200_001))
  const refused = await asks.get('/count/tag.png?url=example.com')
  assert.equal(refused.statusCode, 500)
  assert.equal(refused.headers['content-type'], 'image/png')
  assert.equal(await readCount(asks.store, 'example.com'), 0)
  const { get, store } = await build(t, {}, own('<rect width="60" height="20"/>'))
  assert.equal((await get('/count/tag.png?url=example.com')).statusCode, 200)
  assert.equal(await readCount(store, 'example.com'), 1)
})

test('a picture that can be drawn is, and its visit counts once', async () => {
  const logo = encodeURIComponent(
    inData(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#0a0"/></svg>',
    ),
  )
  const answer = await get(`/count/tag.png?url=logo.example&logo=${logo}&style=flat-square`)
  assert.equal(answer.statusCode, 200)
  assert.deepEqual(readPng(answer.rawPayload).at(10, 10), [0, 0xaa, 0, 255])
  assert.equal(await readCount(store, 'logo.example'), 1)
})

test('a PNG names the letters that no font has, counts, and is a badge all the same', async () => {
  const [one = '', other = ''] = NOWHERE
  const answerTo = async (path: string, label: string) => {
    const { headers, rawPayload, statusCode } = await get(
      `${path}?url=letters.example&label=${encodeURIComponent(label)}`,
    )
    assert.equal(headers['content-type'], 'image/png')
    readPng(rawPayload)
    return [statusCode, headers['x-missing-glyphs']]
  }
  for (const path of ['/count/tag.png', '/nocount/tag.png', '/active/tag.png']) {
    assert.deepEqual(await answerTo(path, `hits ${one}${other}`), [200, 'U+0378 U+0379'], path)
    assert.deepEqual(await answerTo(path, 'hits ก 👀'), [200, undefined], path)
  }
  assert.equal(await readCount(store, 'letters.example'), 2)
  assert.deepEqual(await answerTo('/none/tag.png', one), [404, 'U+0378'])
  const many = Array.from({ length: 25 }, (_, at) => String.fromCodePoint(0x40000 + at)).join('')
  const [, named] = await answerTo('/nocount/tag.png', many)
  assert.equal(String(named).split(' ').length, 20)
})

test("a PNG is drawn with the operator's fonts", async (t) => {
  const folder = temporaryFolder(t)
  const [letter = ''] = NOWHERE
  writeFileSync(join(folder, 'own.ttf'), fontFor(letter))
  const { get } = await build(t, { FONTS_DIR: folder })
  const { headers } = await get(`/nocount/tag.png?url=a.example&label=${letter}`)
  assert.equal(headers['x-missing-glyphs'], undefined)
})
