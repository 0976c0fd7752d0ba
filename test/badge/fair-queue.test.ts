import assert from 'node:assert/strict'
import test from 'node:test'
import { FairQueue, QueueFull } from '../../src/badge/fair-queue.ts'

/** Jobs that end when they are told to, in the order in which they began. */
function createJobs() {
  const begun: string[] = []
  const ends: (() => void)[] = []
  const job = (name: string) => () => {
    begun.push(name)
    return new Promise<string>((resolve) => ends.push(() => resolve(name)))
  }
  /** Lets the job that runs end, and the next begin. */
  const next = async () => {
    ends.shift()?.()
    await new Promise(setImmediate)
  }
  return { begun, job, next }
}

test('one job runs at a time, and callers take turns', async () => {
  const queue = new FairQueue(10_000)
  const { begun, job, next } = createJobs()
  const greedy = queue.enter('greedy', 100)
  const all = [1, 2, 3].map((at) => greedy.run(job(`greedy ${at}`)))
  const honest = queue.enter('honest', 100)
  all.push(honest.run(job('honest')))
  assert.deepEqual(begun, ['greedy 1'])
  await next()
  assert.deepEqual(begun, ['greedy 1', 'honest'])
  await next()
  await next()
  assert.deepEqual(begun, ['greedy 1', 'honest', 'greedy 2', 'greedy 3'])
  await next()
  assert.deepEqual(await Promise.all(all), ['greedy 1', 'greedy 2', 'greedy 3', 'honest'])
})

test('the greediest callers leave room for one more', () => {
  const queue = new FairQueue(1000)
  const enterAll = (name: string) => {
    const places = []
    try {
      for (;;) places.push(queue.enter(name, 10))
    } catch (error) {
      assert.ok(error instanceof QueueFull)
    }
    return places
  }
  const first = enterAll('first')
  assert.equal(first.length, 50, 'half of the room')
  assert.equal(enterAll('second').length, 25, 'half of the rest')
  assert.equal(enterAll('third').length, 13)
  assert.throws(() => queue.enter('first', 10), QueueFull)
  for (const place of first) place.leave()
  assert.equal(enterAll('fourth').length, 31, 'half of what is free again')
})

test('a job that fails fails alone', async () => {
  const queue = new FairQueue(1000)
  const place = queue.enter('one', 10)
  const failed = place.run(() => Promise.reject(new Error('it failed')))
  const done = place.run(async () => 'done')
  await assert.rejects(failed, /it failed/)
  assert.equal(await done, 'done')
})
