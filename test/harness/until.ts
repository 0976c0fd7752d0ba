import { setTimeout } from 'node:timers/promises'

/** The pause between two checks, in ms. Without it, the checks would take the processor from the work that they wait for. */
const PAUSE_MS = 10

/** Resolves when the condition holds. If it never does, the test runner's timeout ends the test. */
export async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await reached())) await setTimeout(PAUSE_MS)
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
