import { setTimeout } from 'node:timers/promises'

/** The pause between two checks, in ms. Without it, the checks would take the processor from the work that they wait for. */
const PAUSE_MS = 10

/** Resolves when the condition holds. If it never does, the test runner's timeout ends the test. */
export async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await reached())) await setTimeout(PAUSE_MS)
}
