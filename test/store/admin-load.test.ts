import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { AuditEntry, Change } from '../../src/admin.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { hostOf, normalizePage, type PageKey } from '../../src/page.ts'
import { Refusal } from '../../src/refusal.ts'
import { siteKey } from '../../src/site.ts'
import type { Store } from '../../src/store.ts'
import { readCount, sumOf, T0, temporaryFolder } from '../harness/app.ts'
import { engines } from '../harness/engines.ts'
import { makeDatabase } from '../harness/postgres.ts'

const CLIENTS = 64
/** Each is 16 changes. On PostgreSQL, every one ends the batches of hits that are on their way. */
const ROUNDS = { sqlite: 100, postgres: 12 }
/** Services that share the database. The operator acts by all of them in turn, and so do the visitors. */
const SERVICES = { sqlite: [1], postgres: [1, 2] }
const HOUR = 3_600_000
const EVER = { from: 0, to: 1e9 }

const page = (name: string) => normalizePage(name)
/** Pages that are merged and renamed among each other. In the second group, hits are also taken away. */
const KEPT = ['set.example', 'from.example', 'into.example', 'renamed.example'].map(page)
const LOST = ['reset.example', 'purged.example', 'taken.example', 'both.example'].map(page)

const OPENERS = {
  sqlite: async (t: TestContext) => {
    const file = join(temporaryFolder(t), 'store.db')
    return () => openSqliteStore(file)
  },
  postgres: async (t: TestContext) => {
    const url = await makeDatabase(t)
    return () => openPostgresStore(url)
  },
}

/** The changes of a round, each a call of its own. */
function stepsOf(round: number): Change[] {
  const [set, from, into, renamed] = KEPT as [PageKey, PageKey, PageKey, PageKey]
  const [reset, purged, taken, both] = LOST as [PageKey, PageKey, PageKey, PageKey]
  return [
    { action: 'set', page: set, hits: 1000 * round },
    { action: 'take-back', page: taken, hour: T0 / HOUR + round },
    { action: 'merge', page: from, into },
    { action: 'remove', page: from },
    { action: 'remove', page: purged },
    { action: 'restore', page: into },
    { action: 'reset', page: reset },
    { action: 'add', page: from, hits: 7 },
    { action: 'rename', page: renamed, to: page(`renamed.example/${round}`), alias: true },
    { action: 'unalias', page: from },
    { action: 'purge', page: purged },
    { action: 'merge', page: both, into: taken },
    { action: 'remove', page: set },
    { action: 'unalias', page: both },
    { action: 'restore', page: set },
    { action: 'add', page: set, hits: -1 },
  ]
}

/**
 * The numbers that visitors were given, as the audit log has it: between two entries of a page, they go on from what the
 * first says the number is, to what the second says that it was.
 * @param end the numbers after all
 */
function numbersGiven(entries: readonly AuditEntry[], end: ReadonlyMap<PageKey, number>): number[] {
  const given: number[] = []
  const numbers = new Map<PageKey, number>()
  const goOn = (name: PageKey, to: number) => {
    for (let number = (numbers.get(name) ?? 0) + 1; number <= to; number++) given.push(number)
    numbers.set(name, to)
  }
  for (const { action, page: name, before, after } of entries) {
    assert.ok(name)
    const was = (before as { hits?: number } | null)?.hits
    const is = after as { page?: PageKey; hits?: number } | null
    if (was !== undefined) goOn(name, was)
    if (action === 'rename') numbers.set(is?.page as PageKey, numbers.get(name) ?? 0)
    if (action === 'merge') goOn(is?.page as PageKey, (is?.hits as number) - (was as number))
    if (action === 'merge') numbers.set(is?.page as PageKey, is?.hits as number)
    else if (action === 'restore') assert.equal(is?.hits, numbers.get(name), 'no hit meanwhile')
    else if (is?.hits !== undefined) numbers.set(name, is.hits)
    if (['merge', 'rename', 'purge'].includes(action)) numbers.delete(name)
  }
  for (const [name, number] of end) goOn(name, number)
  return given.sort((one, other) => one - other)
}

const RUNS = engines().flatMap((engine) =>
  SERVICES[engine].map((services) => ({ engine, services })),
)
for (const { engine, services } of RUNS) {
  test(`${engine}: while an operator changes pages, ${CLIENTS} clients of ${services} services get each number once, and none is lost`, async (t) => {
    const open = await OPENERS[engine](t)
    const stores = await Promise.all(Array.from({ length: services }, open))
    t.after(() => Promise.all(stores.map((store) => store.close())))
    const store = stores[0] as Store
    let turn = 0
    const next = () => {
      turn += 1
      return stores[turn % services] as Store
    }
    const answered = new Map<PageKey, number[]>([...KEPT, ...LOST].map((name) => [name, []]))
    let round = 0
    let isOver = false
    let refused = 0

    async function count(name: PageKey): Promise<void> {
      try {
        const hit = { page: name, at: T0 + round * HOUR, window: null }
        answered.get(name)?.push((await next().count(hit)).count)
      } catch (error) {
        assert.ok(error instanceof Refusal && error.code === 'removed', String(error))
        refused += 1
      }
    }

    const addresses = [...answered.keys()]
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      for (let visit = client; !isOver; visit++)
        await count(addresses[visit % addresses.length] as PageKey)
    })
    await operate()
    isOver = true
    await Promise.all(clients)

    async function operate(): Promise<void> {
      for (round = 1; round <= ROUNDS[engine]; round++) {
        // A page that was purged or is no alias any more is unknown until it is visited.
        await Promise.all(addresses.map(count))
        for (const step of stepsOf(round))
          await next().admin.change([step], { actor: 'test', reason: '', at: T0 })
      }
    }

    const audit = await store.admin.audit({ page: null, before: null, limit: 10_000 })
    assert.equal(audit.length, ROUNDS[engine] * stepsOf(1).length)
    for (const group of [KEPT, LOST]) {
      const hosts = group.map((name) => name.split('/')[0])
      const entries = audit.filter((entry) => hosts.includes(entry.page?.split('/')[0])).reverse()
      const ends = await endOf(store, group)
      const numbers = group.flatMap((name) => answered.get(name) ?? [])
      assert.deepEqual(
        numbers.sort((one, other) => one - other),
        numbersGiven(entries, ends),
      )
      const ofHosts = new Map<string, number>(hosts.map((host) => [String(host), 0]))
      for (const [name, hits] of ends)
        ofHosts.set(hostOf(name), hits + (ofHosts.get(hostOf(name)) ?? 0))
      for (const [host, hits] of ofHosts)
        assert.equal(await readCount(store, siteKey(host)), hits, `the pages of ${host}`)
      if (group === LOST) continue
      const sums = [...ends.keys()].map((name) => sumOf(store, name, EVER))
      const history = (await Promise.all(sums)).reduce((sum, hits) => sum + hits)
      assert.equal(history, numbers.length, 'history')
    }
    assert.ok(refused > 0, 'pages were visited while they were removed')
  })
}

/** The numbers of the pages that a group's addresses lead to. */
async function endOf(store: Store, group: readonly PageKey[]): Promise<Map<PageKey, number>> {
  const ends = new Map<PageKey, number>()
  for (const name of group) {
    const found = await store.admin.page(name, EVER)
    // A page that was purged, and not visited since.
    if (found === null) continue
    ends.set(found.page, await readCount(store, found.page))
  }
  return ends
}
