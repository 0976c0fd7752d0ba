import assert from 'node:assert/strict'
import test from 'node:test'
import { SharedSlices } from '../src/slices.ts'
import { longestHold } from './harness/held.ts'

/** How long an item takes, in ms; how many items a request has; and how many requests there are. */
const [ITEM_MS, ITEMS, REQUESTS] = [1, 20, 40]

test('the work of many requests together lets other work in between, as that of one does', async () => {
  const slices = new SharedSlices()
  let done = 0
  async function request(): Promise<void> {
    for (let item = 0; item < ITEMS; item++) {
      await slices.turn()
      const end = performance.now() + ITEM_MS
      while (performance.now() < end);
      done += 1
    }
  }
  const held = await longestHold(() => Promise.all(Array.from({ length: REQUESTS }, request)))
  assert.equal(done, ITEMS * REQUESTS)
  // A slice is 10 ms. If each request had its own, this would be 400.
  assert.ok(held < 150, `${held} ms`)
})
