/** What was used last, bounded by the bytes that it takes, names included; what was not used for longest goes first. */
export class Recent {
  readonly #files = new Map<string, Uint8Array>()
  readonly #budget: number
  #bytes = 0

  /** @param budget bytes */
  constructor(budget: number) {
    this.#budget = budget
  }

  get(name: string): Uint8Array | undefined {
    const file = this.#files.get(name)
    if (file) {
      // A Map keeps its order: the last one is the latest.
      this.#files.delete(name)
      this.#files.set(name, file)
    }
    return file
  }

  /** @param name not remembered yet */
  add(name: string, file: Uint8Array): void {
    this.#files.set(name, file)
    this.#bytes += cost(name, file)
    for (const [oldest, old] of this.#files) {
      if (this.#bytes <= this.#budget) break
      this.#files.delete(oldest)
      this.#bytes -= cost(oldest, old)
    }
  }
}

/** A string takes one or two bytes a character; two is what it may take. */
const cost = (name: string, file: Uint8Array) => 2 * name.length + file.byteLength
