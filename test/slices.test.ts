import assert from 'node:assert/strict'
import test from 'node:test'
import { SharedSlices } from '../src/slices.ts'

/** How long an item takes, in ms; how many items a request has; and how many requests there are. */
const [ITEM_MS, ITEMS, REQUESTS] = [1, 20, 20]

test('the work of many requests together lets other work in between, as that of one does', async () => {
  const slices = new SharedSlices()
  let [done, atOnce, most] = [0, 0, 0]
  async function request(): Promise<void> {
    for (let item = 0; item < ITEMS; item++) {
      await slices.turn()
      const end = performance.now() + ITEM_MS
      while (performance.now() < end);
      done += 1
      atOnce += 1
      most = Math.max(most, atOnce)
    }
  }
  const otherWork = setInterval(() => {
    atOnce = 0
  }, 0)
  await Promise.all(Array.from({ length: REQUESTS }, request))
  clearInterval(otherWork)
  assert.equal(done, ITEMS * REQUESTS)
  // A slice is 10 ms, and the timer may miss one.
  assert.ok(most <= 30, `${most} items without other work`)
})
