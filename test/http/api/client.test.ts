import assert from 'node:assert/strict'
import test from 'node:test'
import createClient from 'openapi-fetch'
import { build, FILE } from '../../harness/app.ts'
import type { components, paths } from './openapi.d.ts'

const { origin } = await build(FILE)
const hits = createClient<paths>({ baseUrl: origin })

/** What a call answers; a refusal fails the test. */
async function dataOf<Data>(call: Promise<{ data?: Data; error?: unknown }>): Promise<Data> {
  const { data, error } = await call
  assert.equal(error, undefined)
  return data as Data
}

test('a client with the types of the stored document counts, reads, lists, and follows a list to its end', async () => {
  const names = Array.from({ length: 25 }, (_, at) => `client.example/${at}`)
  const { pages: counted } = await dataOf(
    hits.POST('/api/v1/pages/count', { body: { pages: names } }),
  )
  for (const entry of counted) {
    assert.ok('outcome' in entry, 'no page is refused')
    assert.equal(entry.outcome, 'counted')
  }
  await dataOf(hits.POST('/api/v1/pages/count', { body: { pages: names.slice(0, 3) } }))

  const { pages: read } = await dataOf(
    hits.POST('/api/v1/pages/read', { body: { pages: ['client.example/0', '%01'] } }),
  )
  const [first, second] = read
  assert.ok(first && 'hits' in first && second && 'problem' in second)
  assert.equal(first.hits, 2)
  const problem: components['schemas']['Problem'] = second.problem
  assert.deepEqual([problem.code, problem.field], ['bad_page', 'pages[1]'])

  const listed: string[] = []
  const numbers: number[] = []
  let after: string | null = null
  do {
    const query: NonNullable<paths['/api/v1/pages']['get']['parameters']['query']> = {
      host: 'client.example',
      sort: 'hits',
      limit: 7,
      ...(after !== null && { after }),
    }
    const part = await dataOf(hits.GET('/api/v1/pages', { params: { query } }))
    listed.push(...part.pages.map(({ page }) => page))
    numbers.push(...part.pages.map(({ hits }) => hits))
    after = part.next
  } while (after !== null)
  assert.deepEqual(listed.toSorted(), names.toSorted())
  assert.deepEqual(numbers, [2, 2, 2, ...Array(22).fill(1)])

  const site = { params: { query: { site: 'client.example' } } }
  const total = await dataOf(hits.GET('/api/v1/numbers', site))
  assert.deepEqual([total.hits, total.periods['7d'].hits, total.page], [28, 28, null])
  const { points } = await dataOf(hits.GET('/api/v1/series', site))
  assert.equal(points.at(-1)?.counted, 28)
  const { outcomes } = await dataOf(hits.GET('/api/v1/outcomes', site))
  assert.equal(outcomes.counted, 28)
  const { hosts } = await dataOf(hits.GET('/api/v1/hosts'))
  assert.deepEqual([hosts[0]?.host, hosts[0]?.hits], ['client.example', 28])
  const { active, pages } = await dataOf(hits.GET('/api/v1/active'))
  assert.equal(active, 28)
  assert.equal(pages[0]?.active, 2)
})

test('a refusal has the type of a problem', async () => {
  const { error } = await hits.GET('/api/v1/numbers', { params: { query: { url: '%01' } } })
  assert.equal(error?.status, 400)
  assert.equal(error?.field, 'url')
})
