import { setImmediate as nextTurn } from 'node:timers/promises'

/** Entries that are sorted or copied before other work of the thread gets its turn: some 2 ms. */
export const SLICE = 10_000

/** The indexes of so many values, by value in descending order; of equal values the later ones come first. */
export async function descending(values: Float64Array, length: number): Promise<Uint32Array> {
  // `Uint32Array.from` is slow: 100 ms for a million.
  let from = new Uint32Array(length)
  for (let place = 0; place < length; place++) from[place] = length - 1 - place
  let to = new Uint32Array(length)
  let room = SLICE
  for (let width = 1; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const end = Math.min(start + 2 * width, length)
      const middle = Math.min(start + width, length)
      const runs = { left: start, middle, right: middle, end }
      for (let place = start; place < end; ) {
        const until = Math.min(end, place + room)
        merge(values, from, to.subarray(place, until), runs)
        room -= until - place
        place = until
        if (room > 0) continue
        room = SLICE
        await nextTurn()
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}

/** Two neighbouring runs that are in order, and how far each is merged. */
interface Runs {
  left: number
  readonly middle: number
  right: number
  readonly end: number
}

/** Fills `to` with what comes next in two runs. Equal values stay as they are. */
function merge(values: Float64Array, from: Uint32Array, to: Uint32Array, runs: Runs): void {
  const { middle, end } = runs
  let { left, right } = runs
  const valueAt = (place: number) => values[from[place] as number] as number
  for (let place = 0; place < to.length; place++) {
    const isLeft = right >= end || (left < middle && valueAt(left) >= valueAt(right))
    to[place] = from[isLeft ? left++ : right++] as number
  }
  runs.left = left
  runs.right = right
}
