import { setTimeout } from 'node:timers/promises'

/** The pause between two checks, in ms. Without it, the checks would take the processor from the work that they wait for. */
const PAUSE_MS = 10

/** Sooner than the test runner's timeout, after which a test that still waits would keep its process from ending. */
const MAX_WAIT_MS = 80_000

/** Resolves when the condition holds, and rejects if it does not in time. */
export async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  const end = process.hrtime.bigint() + BigInt(MAX_WAIT_MS) * 1_000_000n
  while (!(await reached())) {
    if (process.hrtime.bigint() > end) throw new Error('what the test waits for does not happen')
    await setTimeout(PAUSE_MS)
  }
}

/** Tries of which one has to be fast enough: other programs can keep the machine from any of them. */
const TRIES = 5

/**
 * Measures something until it is fast enough, some times at most.
 * @param measure is given the number of the try, from 1; resolves with ms
 * @returns the shortest time, in ms
 */
export async function fastest(
  enough: number,
  measure: (time: number) => Promise<number>,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let time = 1; time <= TRIES && least >= enough; time++)
    least = Math.min(least, await measure(time))
  return least
}
