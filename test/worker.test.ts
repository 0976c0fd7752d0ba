import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { Thread } from '../src/worker.ts'
import type { Served } from './harness/served.ts'

function start(t: TestContext): Thread<Served> {
  const thread = new Thread<Served>(new URL('./harness/served.ts', import.meta.url), {})
  t.after(() => thread.worker.terminate())
  return thread
}

test('each call gets the result of its function, in whatever order they are done', async (t) => {
  const thread = start(t)
  const calls = [thread.call('later', 'a'), thread.call('double', 2), thread.call('double', 3)]
  assert.deepEqual(await Promise.all(calls), ['a', 4, 6])
})

test('an error keeps its code, and the thread answers the next call', async (t) => {
  const thread = start(t)
  await assert.rejects(thread.call('fail'), { message: 'no room', code: 'ENOSPC' })
  assert.equal(await thread.call('double', 2), 4)
})

test('a call of a function that the thread lacks is rejected', async (t) => {
  const thread = start(t)
  await assert.rejects(thread.call('missing' as 'wait'), /no function missing/)
})

test('whatever a function throws rejects its call', async (t) => {
  const thread = start(t)
  const reasons = [thread.call('failWithNothing'), thread.call('failWithFunction')]
  const settled = await Promise.allSettled(reasons)
  assert.deepEqual(settled[0], { status: 'rejected', reason: null })
  assert.match(String((settled[1] as PromiseRejectedResult).reason), /not to be copied/)
})

test('a call of a thread that has ended is rejected', async (t) => {
  const thread = start(t)
  await thread.call('double', 1)
  await thread.worker.terminate()
  await assert.rejects(thread.call('double', 1), /ended with code 1/)
})

test('calls of a thread that ends are rejected with the reason', async (t) => {
  const crashed = start(t)
  const waiting = assert.rejects(crashed.call('wait'), /crashed/)
  // The thread may end before its answer to this call has left.
  await Promise.allSettled([crashed.call('crash')])
  await waiting
  const ended = start(t)
  const other = assert.rejects(ended.call('wait'), /ended with code 1/)
  await ended.call('double', 1)
  await ended.worker.terminate()
  await other
})
