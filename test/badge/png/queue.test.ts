import assert from 'node:assert/strict'
import test from 'node:test'
import { FairQueue } from '../../../src/badge/png/queue.ts'

/** Takes jobs until none waits; a job is the ms that it takes. @returns whose they were, in their order */
function run(queue: FairQueue<[caller: string, ms: number]>, jobs = Number.POSITIVE_INFINITY) {
  const order: string[] = []
  while (order.length < jobs) {
    const turn = queue.next()
    if (!turn) break
    const [caller, ms] = turn.job
    turn.spend(ms)
    order.push(caller)
  }
  return order.join('')
}

function queueOf(...jobs: [caller: string, ms: number, times: number][]) {
  const queue = new FairQueue<[string, number]>()
  for (const [caller, ms, times] of jobs) {
    for (let at = 0; at < times; at += 1) queue.add(caller, [caller, ms])
  }
  return queue
}

test('callers take turns, each in its own order', () => {
  assert.equal(run(queueOf(['a', 5, 3], ['b', 5, 2], ['c', 5, 1])), 'abcaba')
})

test('a caller with slow jobs has fewer turns, not more time', () => {
  assert.equal(
    run(queueOf(['a', 100, 3], ['b', 10, 25])),
    `a${'b'.repeat(10)}a${'b'.repeat(10)}abbbbb`,
  )
})

test('a caller that comes later waits for one job, and has saved nothing up', () => {
  const queue = queueOf(['a', 10, 20])
  assert.equal(run(queue, 10), 'a'.repeat(10))
  for (let at = 0; at < 10; at += 1) queue.add('b', ['b', 10])
  assert.equal(run(queue), `${'ba'.repeat(10)}`)
})

test('a caller that sends one slow job after the other has no more than its share', () => {
  const queue = queueOf(['a', 100, 1], ['b', 10, 30])
  let order = ''
  for (let at = 0; at < 31; at += 1) {
    const caller = run(queue, 1)
    if (caller === 'a') queue.add('a', ['a', 100])
    order += caller
  }
  assert.equal(order.match(/a/g)?.length, 3)
})

for (const [others, comesBackAt] of [
  [10, 100],
  [1100, 1],
] as const) {
  test(`what a caller has used is remembered while few others come: ${others}`, () => {
    const queue = queueOf(['a', 100, 1], ['b', 1, 300])
    run(queue, 1)
    for (let at = 0; at < others; at += 1) {
      queue.add(`c${at}`, ['c', 5])
      while (run(queue, 1) !== 'c');
    }
    queue.add('a', ['a', 5])
    const before = run(queue).indexOf('a')
    assert.ok(Math.abs(before - comesBackAt) <= 10, `${before} came first`)
  })
}

test('places are bounded by the time that jobs take, for each caller and by callers', () => {
  const queue = new FairQueue<null>()
  const reserveAll = (caller: string) => {
    let reserved = 0
    while (queue.reserve(caller)) reserved += 1
    return reserved
  }
  // Jobs of 10 ms: two seconds for a caller, and four until the last one has its turn.
  assert.deepEqual(['a', 'b', 'c', 'd'].map(reserveAll), [200, 200, 133, 100])
  queue.release('d')
  assert.equal(reserveAll('d'), 1)
  for (let at = 0; at < 50; at += 1) {
    queue.add('slow', null)
    queue.next()?.spend(500)
  }
  assert.deepEqual(['e', 'f', 'g', 'h', 'i'].map(reserveAll), [1, 1, 1, 1, 0])
})
