import assert from 'node:assert/strict'
import test from 'node:test'
import { type Interest, LiveVisits, type VisitEvent, VisitLog } from '../src/live.ts'
import { hostOf, normalizePage } from '../src/page.ts'

const visit = (page: string, count: number, more: Partial<VisitEvent> = {}): VisitEvent => ({
  ...{ page: normalizePage(page), count, outcome: 'counted', at: 0 },
  ...more,
})
const add = (live: LiveVisits, { page, count, outcome, at }: VisitEvent) =>
  live.add(page, count, outcome, at)
const ALL = { pages: new Set<never>(), hosts: new Set<never>() }
const of = (...pages: string[]) => ({
  ...ALL,
  pages: new Set(pages.map((page) => normalizePage(page))),
})
const ofHost = (...hosts: string[]) => ({ ...ALL, hosts: new Set(hosts) })

function logOf(capacity: number, visits: readonly VisitEvent[], isListed = true): VisitLog {
  const log = new VisitLog(capacity)
  for (const each of visits) log.add({ ...each, host: hostOf(each.page), isListed })
  return log
}
const read =
  (...query: Parameters<VisitLog['since']>) =>
  (log: VisitLog) =>
    log.since(...query).map(({ page, count }) => `${page} ${count}`)

test('of the visits that wait, only the newest of each page is taken, once', () => {
  const live = new LiveVisits()
  add(live, visit('a.example', 1))
  add(live, visit('b.example', 7))
  add(live, visit('a.example', 2, { outcome: 'counted', at: 5 }))
  add(live, visit('a.example', 2, { outcome: 'repeat', at: 6 }))
  assert.deepEqual(live.take(), [
    visit('a.example', 2, { outcome: 'repeat', at: 6 }),
    visit('b.example', 7),
  ])
  assert.deepEqual(live.take(), [])
})

test('an answer that was overtaken does not set the number back', () => {
  const live = new LiveVisits()
  add(live, visit('a.example', 3))
  add(live, visit('a.example', 2, { outcome: 'repeat' }))
  assert.deepEqual(live.take(), [visit('a.example', 3, { outcome: 'repeat' })])
})

test('visits to any number of pages do not grow without bound; known pages still move', () => {
  const live = new LiveVisits()
  for (let number = 0; number < 5000; number++) add(live, visit(`${number}.example`, 1))
  add(live, visit('0.example', 2))
  const taken = live.take()
  assert.equal(taken.length, 1000)
  assert.equal(taken[0]?.count, 2)
})

test('only visits that somebody wants wait, and those of named pages have room whatever else happens', () => {
  const live = new LiveVisits()
  const interests: Interest[] = ['unknown', 'none', 'some', 'each']
  live.interestIn = (page) => interests.find((interest) => page.startsWith(interest)) ?? 'none'
  for (const interest of interests)
    for (let number = 0; number < 500; number++) add(live, visit(`${interest}${number}.example`, 1))
  const taken = Map.groupBy(live.take(), ({ page }) => /^[a-z]+/.exec(page)?.[0])
  const numbers = interests.map((interest) => taken.get(interest)?.length ?? 0)
  assert.deepEqual(numbers, [100, 0, 32, 500])
  add(live, visit('some0.example', 2))
  assert.equal(live.take().length, 1, 'there is room again')
  assert.equal(live.wants(visit('each.example', 1).page), false, 'nobody listens')
  live.isOn = true
  assert.equal(live.wants(visit('each.example', 1).page), true)
  assert.equal(live.wants(visit('none.example', 1).page), false)
})

test('the log gives the newest event of each page, in order, and of many the last ones', () => {
  const log = logOf(100, [
    visit('a.example', 1),
    visit('b.example/x', 1),
    visit('a.example', 2),
    visit('c.example', 1),
    visit('b.example/y', 1),
  ])
  assert.deepEqual(read(0, ALL, 9)(log), [
    'b.example/x 1',
    'a.example 2',
    'c.example 1',
    'b.example/y 1',
  ])
  assert.deepEqual(read(0, ALL, 2)(log), ['c.example 1', 'b.example/y 1'])
  assert.deepEqual(read(3, ALL, 9)(log), ['c.example 1', 'b.example/y 1'])
  assert.deepEqual(read(5, ALL, 9)(log), [])
  assert.deepEqual(read(0, of('a.example', 'c.example', 'no.example'), 9)(log), [
    'a.example 2',
    'c.example 1',
  ])
  assert.deepEqual(read(3, of('a.example'), 9)(log), [])
  assert.deepEqual(read(0, of('a.example', 'c.example'), 1)(log), ['c.example 1'])
  assert.deepEqual(read(0, ofHost('b.example'), 9)(log), ['b.example/x 1', 'b.example/y 1'])
  const both = { ...of('a.example'), hosts: new Set(['b.example']) }
  assert.deepEqual(read(0, both, 9)(log), ['b.example/x 1', 'a.example 2', 'b.example/y 1'])
})

test('events that are not listed are given only to those who name their page or host', () => {
  const log = logOf(10, [visit('hidden.example', 1)], false)
  assert.deepEqual(read(0, ALL, 9)(log), [])
  assert.deepEqual(read(0, of('hidden.example'), 9)(log), ['hidden.example 1'])
  assert.deepEqual(read(0, ofHost('hidden.example'), 9)(log), ['hidden.example 1'])
})

test('the log keeps a bounded number of events, and ids go on after it was cleared', () => {
  const log = logOf(
    10,
    Array.from({ length: 1005 }, (_, at) => visit(`p${at % 500}.example`, at)),
  )
  const kept = log.since(0, ALL, 5000)
  assert.ok(kept.length >= 10 && kept.length < 20, String(kept.length))
  assert.equal(log.lastId, 1005)
  assert.deepEqual(read(0, of('p100.example'), 9)(log), [], 'a page that is forgotten')
  assert.deepEqual(read(0, of('p4.example'), 9)(log), ['p4.example 1004'])
  log.clear()
  assert.deepEqual(read(0, ALL, 9)(log), [])
  assert.deepEqual(read(0, of('p4.example'), 9)(log), [])
  assert.equal(log.lastId, 1005)
})
