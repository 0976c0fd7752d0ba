import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { normalizePage, type PageKey } from '../../src/page.ts'
import type { Refusal } from '../../src/refusal.ts'
import type { Store } from '../../src/store.ts'
import { readCount, T0 } from '../harness/app.ts'
import { makeDatabase } from '../harness/postgres.ts'
import { startProxy } from '../harness/proxy.ts'
import { until } from '../harness/until.ts'

const PAGES = Array.from({ length: 5 }, (_, number) => normalizePage(`p${number}.example`))

async function open(t: TestContext) {
  const url = await makeDatabase(t)
  const network = await startProxy(t, () => [Number(new URL(url).port)])
  const through = new URL(url)
  through.port = String(network.port)
  const stores = [await openPostgresStore(through.href), await openPostgresStore(through.href)]
  t.after(() => Promise.all(stores.map((store) => store.close())))
  return { network, stores }
}

/** The answers that visitors have received so far. */
interface Visits {
  told: number[][]
  many(): number
  /** Answers that a visit was not counted, and that this is not known. */
  refused(): number
  unknown(): number
  /** Resolves after `more` further answers. */
  answered(more: number): Promise<void>
  until: typeof until
}

/** Visits all pages, each one visit at a time, until the work is done. */
async function visiting(stores: readonly Store[], work: (visits: Visits) => Promise<void>) {
  const told = PAGES.map(() => [] as number[])
  let refused = 0
  let unknown = 0
  let done = false
  const visits: Visits = {
    told,
    many: () => told.flat().length,
    refused: () => refused,
    unknown: () => unknown,
    answered(more: number) {
      const enough = visits.many() + more
      return visits.until(() => visits.many() >= enough)
    },
    until,
  }
  const visitors = Array.from({ length: 30 }, async (_, visitor) => {
    const page = visitor % PAGES.length
    const window = { secret: `secret${visitor}`, endsAt: T0 + 1000 }
    while (!done) {
      const store = stores[visitor % stores.length] as Store
      await store.count({ page: PAGES[page] as PageKey, at: T0, window }).then(
        ({ count }) => void told[page]?.push(count),
        async (error) => {
          assert.equal(error.code, 'unavailable')
          if (/is not known/.test(error.message)) unknown += 1
          else refused += 1
          await setTimeout(1)
        },
      )
    }
  })
  await work(visits)
  done = true
  await Promise.all(visitors)
  return visits
}

/** A page's number. A connection that was cut while it was idle is noticed only by the next read, which is refused. */
async function readSoon(store: Store, page: PageKey): Promise<number> {
  for (;;) {
    try {
      return await readCount(store, page)
    } catch (error) {
      assert.equal((error as Refusal).code, 'unavailable')
      await setTimeout(1)
    }
  }
}

/** Asserts that exactly the answered hits are stored, and each number was answered once. */
async function assertExact(stores: readonly Store[], told: number[][]) {
  for (const [index, page] of PAGES.entries()) {
    const numbers = (told[index] as number[]).toSorted((left, right) => left - right)
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, at) => at + 1),
    )
    for (const store of stores) assert.equal(await readSoon(store, page), numbers.length)
    const [hits] = await (stores[0] as Store).sums(page, [{ from: 0, to: 1e9 }])
    assert.equal(hits, numbers.length, 'by the hour as well')
  }
}

test('over a slow network, counts are exact', async (t) => {
  const { network, stores } = await open(t)
  network.delayMs = 25
  const { told, refused } = await visiting(stores, ({ answered }) => answered(300))
  assert.equal(refused(), 0)
  network.delayMs = 0
  await assertExact(stores, told)
})

test('if connections are cut again and again, some visits are refused, and exactly the answered ones are stored', async (t) => {
  const { network, stores } = await open(t)
  const { told, refused } = await visiting(stores, async ({ answered }) => {
    for (let times = 0; times < 25; times++) {
      await answered(1 + 3 * times)
      network.cut()
    }
  })
  assert.ok(refused() > 0)
  await assertExact(stores, told)
})

test('if the network drops everything for a short time, counts are exact', async (t) => {
  const { network, stores } = await open(t)
  const { told, unknown } = await visiting(stores, async ({ answered, until }) => {
    await answered(100)
    network.silent = true
    const before = network.ended
    // The services have closed their connections, and ask whether their batches were committed.
    await until(() => network.ended > before)
    network.silent = false
    await answered(100)
  })
  assert.equal(unknown(), 0)
  await assertExact(stores, told)
})

test('if the network drops everything for long, an unknown outcome is reported as such, and stored once at most', async (t) => {
  const { network, stores } = await open(t)
  const { many, unknown } = await visiting(stores, async ({ answered, until, unknown }) => {
    await answered(100)
    network.silent = true
    await until(() => unknown() > 0)
    network.silent = false
    await answered(100)
  })
  const counts = await Promise.all(PAGES.map((page) => readCount(stores[0] as Store, page)))
  const stored = counts.reduce((left, right) => left + right)
  assert.ok(stored >= many(), 'what was answered is stored')
  assert.ok(stored <= many() + unknown(), 'and nothing twice')
})
