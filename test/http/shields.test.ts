import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { build, FILE, readCount } from '../harness/app.ts'
import { queryOf, validOptions } from '../harness/options.ts'
import { contrastOn } from '../harness/wcag.ts'

const shared = await build(FILE)

const IMAGE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8AARGDiPwMAHfAD/aAzCYkAAAAASUVORK5CYII='
const CASES: [string, Record<string, unknown>][] = [
  ['', { label: 'hits', message: '34', color: '#2d880b', style: 'flat' }],
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
      color: '#2d880b',
      style: 'flat',
      namedLogo: 'nodedotjs',
      logoColor: 'white',
      logoWidth: 14,
    },
  ],
  [
    '&colorSteps=1000:orange,2000:red&show=today-total&format=compact&base=1200',
    { label: 'hits', message: '34 / 1.2k', color: '#2d880b', style: 'flat' },
  ],
  [
    // shields.io draws only logos by name, and its schema refuses other options of a logo without one.
    `&logo=${encodeURIComponent(IMAGE)}&logoColor=white&logoWidth=20`,
    { label: 'hits', message: '34', color: '#2d880b', style: 'flat' },
  ],
  [
    '&logoColor=white&logoWidth=20',
    { label: 'hits', message: '34', color: '#2d880b', style: 'flat' },
  ],
  [
    '&theme=dark',
    { label: 'hits', message: '34', color: '#2d880b', labelColor: '#30363d', style: 'flat' },
  ],
  ['&theme=dark&label=', { label: '', message: '34', color: '#2d880b', style: 'flat' }],
  [
    '&theme=dark&color=fff,111&labelColor=eee,222&logo=github&logoColor=333,fff',
    {
      label: 'hits',
      message: '34',
      color: '#111',
      labelColor: '#222',
      style: 'flat',
      namedLogo: 'github',
      logoColor: '#fff',
    },
  ],
  [
    '&theme=auto&colorSteps=10:fff&labelColor=eee,222',
    { label: 'hits', message: '34', color: '#fff', labelColor: '#eee', style: 'flat' },
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

/** The answers that shields.io accepts: https://shields.io/badges/endpoint-badge */
const MEMBERS: Record<string, (value: unknown) => boolean> = {
  schemaVersion: (value) => value === 1,
  label: (value) => typeof value === 'string',
  // The only text that may not be empty.
  message: (value) => typeof value === 'string' && value !== '',
  color: (value) => typeof value === 'string' && value !== '',
  labelColor: (value) => typeof value === 'string' && value !== '',
  namedLogo: (value) => typeof value === 'string' && value !== '',
  logoColor: (value) => typeof value === 'string' && value !== '',
  logoWidth: (value) => typeof value === 'number' && Number.isFinite(value),
  style: (value) => typeof value === 'string',
}
const REQUIRED = ['schemaVersion', 'label', 'message']
const OF_A_LOGO = ['logoColor', 'logoWidth']

test('whatever is asked for, the answer is one that shields.io takes', async () => {
  const { get } = shared
  await fc.assert(
    fc.asyncProperty(validOptions, async (sent) => {
      const answer = await get(`/shields.json?url=example.com&${queryOf(sent)}`)
      const members: Record<string, unknown> = answer.json()
      for (const name of REQUIRED) assert.ok(name in members, name)
      for (const [name, value] of Object.entries(members)) {
        assert.ok(MEMBERS[name]?.(value), `${name} is ${JSON.stringify(value)}`)
        if (OF_A_LOGO.includes(name)) assert.ok('namedLogo' in members, `${name} has a logo`)
      }
    }),
    { numRuns: 500 },
  )
})

test('on dark ground, the label of shields.io can be read', async () => {
  const { get } = shared
  const { labelColor } = (await get('/shields.json?url=example.com&theme=dark')).json()
  // It writes in white on all but bright colours.
  assert.ok(contrastOn('#fff', [labelColor]) >= 4.5)
})
