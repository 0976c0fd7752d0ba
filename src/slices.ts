import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long work may go on before other work is let in, in ms. */
const SLICE_MS = 10

/** Goes through items for work that takes long in all, and lets other work run in between. */
export async function* inSlices<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  let begun = performance.now()
  for (const item of items) {
    if (performance.now() - begun > SLICE_MS) {
      await nextTurn()
      begun = performance.now()
    }
    yield item
  }
}

/** Work of several requests that takes long in all: together they do one slice of it, then other work runs. */
export class SharedSlices {
  #begun = performance.now()
  #next: Promise<void> | null = null

  /** Must be awaited before each item. */
  async turn(): Promise<void> {
    while (performance.now() - this.#begun > SLICE_MS) {
      this.#next ??= this.#begin()
      await this.#next
    }
  }

  async #begin(): Promise<void> {
    await nextTurn()
    this.#begun = performance.now()
    this.#next = null
  }
}
