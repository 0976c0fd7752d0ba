import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { crowd, numbersByPage, rush, type Told } from '../harness/crowd.ts'
import { makeCluster, makeDatabase, run } from '../harness/postgres.ts'
import { startProxy } from '../harness/proxy.ts'
import { type Server, startServer, stopServer } from '../harness/server.ts'
import { until } from '../harness/until.ts'

/** Two services on one database, behind a load balancer. */
async function open(t: TestContext, url: string) {
  const services: Server[] = []
  for (let number = 0; number < 2; number++) {
    services.push(await startServer(t, { DATABASE_URL: url, HOST: '127.0.0.1' }))
  }
  const balancer = await startProxy(t, () => services.map(({ port }) => port))
  return { services, origin: `http://127.0.0.1:${balancer.port}` }
}

async function stored(url: string): Promise<Map<string, number>> {
  const rows = await run<{ key: string; hits: string }>(
    url,
    'select key, hits from tally join page on page.hash = tally.page where hits > 0',
  )
  return new Map(rows.map(({ key, hits }) => [key, Number(hits)]))
}

/** The hits of all pages by their minutes and hours. */
async function overTime(url: string): Promise<number> {
  const [row] = await run<{ hits: string }>(
    url,
    `select (select coalesce(sum(hits), 0) from page_hour) + (select coalesce(sum(hits), 0) from page_minute) +
      (select coalesce(sum(h), 0) from journal, unnest(hits) as h) as hits`,
  )
  // Each hit is one to its page and one to its host.
  return Number(row?.hits) / 2
}

test('2,000 counts at once of 10 pages over two services: stored exactly, each number answered once', async (t) => {
  const url = await makeDatabase(t)
  const { services, origin } = await open(t, url)
  const pages = Array.from({ length: 10 }, (_, number) => `page${number}.example`)
  const told = await rush(
    Number(new URL(origin).port),
    200,
    Array.from({ length: 2000 }, (_, number) => pages[number % 10] as string),
  )
  assert.equal(told.length, 2000)
  for (const page of pages) {
    const numbers = told.filter((each) => each.page === page).map(({ body }) => Number(body))
    assert.deepEqual(
      numbers.sort((left, right) => left - right),
      Array.from({ length: 200 }, (_, index) => index + 1),
      page,
    )
  }
  assert.deepEqual(await stored(url), new Map(pages.map((page) => [page, 200])))
  assert.equal(await overTime(url), 2000)
  for (const { origin: service } of services) {
    const answer = await fetch(`${service}/nocount?url=page3.example`)
    assert.equal(await answer.text(), '200', 'both tell the same number')
    assert.equal(await stopServer(services.find(({ origin: at }) => at === service) as Server), 0)
  }
})

test('kill -9 of one service under load: no answered hit is lost, and the other continues', async (t) => {
  const url = await makeDatabase(t)
  const { services, origin } = await open(t, url)
  const [first, second] = services as [Server, Server]
  const visit = crowd(t, origin, 64)
  const pages = ['a.example', 'b.example/x', 'c.example']
  const told: (Told | null)[] = []
  let asked = 0
  let killed: Promise<unknown> | null = null
  const clients = Array.from({ length: 64 }, async (_, client) => {
    while (told.length < 1000) {
      asked += 1
      told.push(await visit(pages[client % pages.length] as string))
      if (told.length < 400 || killed) continue
      killed = stopServer(first, 'SIGKILL')
      services.splice(0, 1)
    }
  })
  await Promise.all(clients)
  await killed
  assert.ok(told.includes(null), 'visits were on their way when it was killed')
  const there = await stored(url)
  let most = 0
  for (const [page, numbers] of numbersByPage(told)) {
    assert.equal(new Set(numbers).size, numbers.length, `${page}: each number once`)
    const hits = there.get(page) as number
    assert.ok(hits >= (numbers.at(-1) as number), `${page}: ${numbers.at(-1)} was answered`)
    assert.ok(hits - numbers.length <= told.filter((each) => each === null).length)
    most += hits
  }
  assert.ok(most <= asked, 'nothing is made up')
  assert.equal(await overTime(url), most)
  assert.equal(await stopServer(second), 0)
})

test('PostgreSQL is restarted under load: 503 badges, then it continues, and counts are exact', async (t) => {
  const cluster = await makeCluster(t)
  const url = await makeDatabase(t, cluster.origin)
  const { services, origin } = await open(t, url)
  const visit = crowd(t, origin, 64)
  const pages = ['a.example', 'b.example', 'c.example']
  const told: (Told | null)[] = []
  const answered = () => told.filter((each) => each?.status === 200).length
  let enough = false
  const clients = Array.from({ length: 64 }, async (_, client) => {
    while (!enough) {
      const page = pages[client % pages.length] as string
      // Once as an image and once as a number.
      told.push(await visit(page, client % 2 ? '/count' : '/count/tag.svg'))
    }
  })
  await until(() => answered() > 200)
  const before = told.length
  await cluster.stop()
  await until(() => told.slice(before).filter((each) => each?.status === 503).length > 100)
  await cluster.start()
  const back = told.length
  await until(() => told.slice(back).filter((each) => each?.status === 200).length > 200)
  enough = true
  await Promise.all(clients)

  const refused = told.filter((each) => each?.status === 503) as Told[]
  assert.equal(answered() + refused.length, told.length, 'all were answered, so or so')
  assert.ok(refused.some(({ type, body }) => /svg/.test(type) && body.includes('try again soon')))
  const there = await stored(url)
  for (const page of pages) {
    const visits = told.filter((each) => each?.page === page && each.status === 200) as Told[]
    assert.equal(
      there.get(page),
      visits.length,
      `${page}: what was answered is stored, and no more`,
    )
    const numbers = visits.flatMap(({ number }) => (number > 0 ? [number] : []))
    assert.equal(new Set(numbers).size, numbers.length, `${page}: each number once`)
  }
  for (const service of services) {
    const health = await fetch(`${service.origin}/healthz`)
    assert.equal(health.status, 200)
    assert.equal(await stopServer(service), 0)
  }
})
