import assert from 'node:assert/strict'
import test from 'node:test'
import { build, readCount } from '../harness/app.ts'

const CASES: [string, Record<string, unknown>][] = [
  ['', { label: 'hits', message: '34', color: '#4c1', style: 'flat' }],
  [
    '&label=views&color=blue&labelColor=24292f,000&style=for-the-badge&format=comma&base=1200',
    {
      label: 'views',
      message: '1,234',
      color: '#007ec6',
      labelColor: '#24292f',
      style: 'for-the-badge',
    },
  ],
  [
    '&prefix=%23&suffix=%20views&base=1000&logo=Node.js&logoColor=white&logoWidth=20',
    {
      label: 'hits',
      message: '#1034 views',
      color: '#4c1',
      style: 'flat',
      namedLogo: 'nodedotjs',
      logoColor: 'white',
      logoWidth: 20,
    },
  ],
  [
    '&colorSteps=1000:orange,2000:red&show=today-total&format=compact&base=1200',
    { label: 'hits', message: '34 / 1.2k', color: '#4c1', style: 'flat' },
  ],
]

test("/shields.json answers shields.io's endpoint schema, and never counts", async (t) => {
  const { get, store } = await build(t, { WINDOW_SECONDS: '0' })
  for (let hit = 0; hit < 34; hit++) await get('/count?url=example.com')
  for (const [query, wanted] of CASES) {
    const { headers, ...answer } = await get(`/shields.json?url=example.com${query}`)
    assert.equal(headers['content-type'], 'application/json; charset=utf-8')
    assert.equal(headers['set-cookie'], undefined)
    assert.deepEqual(answer.json(), { schemaVersion: 1, ...wanted }, query)
  }
  assert.equal(await readCount(store, 'example.com'), 34)
})

test('a wrong option is refused as JSON', async (t) => {
  const { get } = await build(t)
  const { statusCode, body } = await get('/shields.json?url=example.com&color=x')
  assert.equal(statusCode, 400)
  assert.equal(JSON.parse(body).error.code, 'bad_option')
})
