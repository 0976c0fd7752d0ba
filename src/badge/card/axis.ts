/** The most spaces between grid lines. */
const MAX_STEPS = 4
/** With fewer a graph looks empty, so a single hit a day fills half of it. */
const LEAST_STEPS = 2

/** The heights of an axis's lines: 0, then round numbers up to the greatest one that is to be shown, or above it. */
export function axis(most: number): number[] {
  const step = stepOf(most)
  const steps = Math.max(LEAST_STEPS, Math.ceil(most / step))
  return Array.from({ length: steps + 1 }, (_, line) => line * step)
}

/** The smallest of 1, 2, 5, 10, 20 and so on that needs no more than four steps. */
function stepOf(most: number): number {
  for (let power = 1; ; power *= 10) {
    const step = [1, 2, 5].find((first) => first * power * MAX_STEPS >= most)
    if (step !== undefined) return step * power
  }
}

const UNITS = ['', 'k', 'M', 'G', 'T', 'P']

/** A round number of at most two digits and zeros, as an axis shows it: `0`, `500`, `1.5k`, `20M`. */
export function shortNumber(round: number): string {
  let unit = 0
  let number = round
  for (; number >= 1000; number /= 1000) unit += 1
  return `${number}${UNITS[unit]}`
}
