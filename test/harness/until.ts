import { setTimeout } from 'node:timers/promises'

/** Between two looks, in ms: who looks without a pause takes the processor from what is waited for. */
const PAUSE_MS = 10

/** Resolves when it has been reached. That it never is, is found by the runner's own timeout. */
export async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await reached())) await setTimeout(PAUSE_MS)
}
