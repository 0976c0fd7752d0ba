import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { VisitFeed } from '../../../src/http/live/feed.ts'
import { LiveVisits } from '../../../src/live.ts'
import type { PageKey } from '../../../src/page.ts'
import type { Rulebook } from '../../../src/rules.ts'
import type { Store } from '../../../src/store.ts'

const OLD = 'old.example/x' as PageKey
const NEW = 'a.example/x' as PageKey
const ALL = { pages: new Set<PageKey>(), hosts: new Set<string>() }
const of = (...pages: string[]) => ({ ...ALL, pages: new Set(pages as PageKey[]) })
const ofHosts = (...hosts: string[]) => ({ ...ALL, hosts: new Set(hosts) })

/** A feed on a store of which `old.example/x` is an alias, and which notes what is read. */
function start() {
  const resolved: string[] = []
  const read: string[] = []
  const replica = {
    async resolve(pages: readonly PageKey[]) {
      resolved.push(...pages)
      return pages.map((page) => (page === OLD ? NEW : page))
    },
  }
  const readPage = async (key: string) => {
    read.push(key)
    return { count: 7, liveUntil: null }
  }
  const live = new LiveVisits()
  const lists = { deny: [], allow: [] }
  const pages = { isServed: (page: string) => !page.startsWith('denied') }
  const feed = new VisitFeed({
    live,
    store: { replica, readPage, exchange: null } as unknown as Store,
    book: () => ({ served: lists, pages }) as unknown as Rulebook,
    ignore: ['^hidden\\.'],
    log: { error: assert.fail } as never,
  })
  let count = 0
  /** Visits pages. @returns what is told, by the wants */
  async function visit(pages: readonly string[], now = 0, wanted = ALL) {
    const { lastId } = feed.events
    feed.tick(now)
    count += 1
    for (const page of pages) if (live.isOn) live.add(page as PageKey, count, 'counted', now)
    // The pages are looked up after the first one; then the numbers of hosts are read.
    for (let time = 0; time < 2; time++) {
      feed.tick(now)
      await turn()
    }
    return feed.events.since(lastId, wanted, 5000).map(({ page }) => page as string)
  }
  return { feed, live, resolved, read, visit }
}

test('visits to pages that nobody wants are not noted, once their pages are known', async () => {
  const { feed, live, resolved, visit } = start()
  feed.wants.add(of(NEW))
  assert.deepEqual(await visit(['b.example', NEW, OLD], 0, of(NEW)), [NEW])
  assert.deepEqual(resolved, ['b.example', NEW, OLD])
  const interests = ['b.example', NEW, OLD, 'c.example'].map((page) =>
    live.interestIn(page as PageKey),
  )
  assert.deepEqual(interests, ['none', 'each', 'each', 'unknown'])
  await visit(['b.example', OLD])
  assert.deepEqual(resolved.length, 3)
  assert.equal(feed.events.lastId, 3, 'one event for each visit that somebody wants')
})

test('who wants visits to all pages gets those that are listed, and the interest follows the wants', async () => {
  const { feed, live, visit } = start()
  feed.wants.add(ALL)
  assert.deepEqual(await visit(['hidden.example', 'denied.example', 'b.example']), ['b.example'])
  const interests = () =>
    ['hidden.example', 'denied.example', 'b.example'].map((page) =>
      live.interestIn(page as PageKey),
    )
  assert.deepEqual(interests(), ['none', 'none', 'some'])
  feed.wants.add(ofHosts('hidden.example', 'denied.example'))
  assert.deepEqual(interests(), ['each', 'none', 'some'])
  feed.wants.leave(ALL, 0)
  assert.deepEqual(interests(), ['each', 'none', 'some'], 'the client may connect again')
  feed.tick(30_000)
  assert.deepEqual(interests(), ['each', 'none', 'none'])
})

test('nothing is noted half a minute after the last listener has gone, and few wants linger', async () => {
  const { feed, live } = start()
  feed.wants.add(of(NEW))
  feed.wants.leave(of(NEW), 1000)
  assert.equal(feed.tick(30_999), true)
  assert.equal(feed.tick(31_000), false)
  assert.equal(live.isOn, false)
  for (let number = 0; number < 101; number++) {
    const wanted = of(`${number}.example`)
    feed.wants.add(wanted)
    feed.wants.leave(wanted, 31_000)
  }
  assert.equal(feed.wants.hasPage('0.example' as PageKey), false)
  assert.equal(feed.wants.hasPage('1.example' as PageKey), true)
})

test('the number of a host is read for all its listeners, twice a second at most, and only if somebody wants it', async () => {
  const { feed, read, visit } = start()
  feed.wants.add(ofHosts('a.example'))
  feed.wants.add(of('b.example'))
  const told = await visit([NEW, 'b.example'], 0, ofHosts('a.example'))
  assert.deepEqual(told, [NEW, '//a.example'])
  await visit([NEW, 'a.example/y'], 499)
  assert.deepEqual(read, ['//a.example'])
  feed.tick(500)
  await turn()
  assert.deepEqual(read, ['//a.example', '//a.example'])
  const hosts = Array.from({ length: 150 }, (_, number) => `${number}.example`)
  feed.wants.add(ofHosts(...hosts))
  await visit(hosts, 1000)
  assert.equal(read.length, 102)
  feed.tick(1499)
  assert.equal(read.length, 102, 'it is too soon')
  feed.tick(1500)
  assert.equal(read.length, 152, 'those that had to wait')
})
