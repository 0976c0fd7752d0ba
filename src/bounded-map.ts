/** To forget one at a time would be slow: a Map keeps the places of what was removed for a while, and passes over them. */
const TRIMMED = 0.9

/**
 * What is remembered by names that strangers choose. Bounded by what it takes, roughly, since they choose how long
 * names are; the oldest make room for new ones.
 */
export class BoundedMap<Name extends string, Value> {
  readonly #entries = new Map<Name, Value>()
  readonly #budget: number
  readonly #overhead: number
  #cost = 0

  /**
   * @param budget bytes that it may take
   * @param overhead bytes that an entry takes beside its name
   */
  constructor(budget: number, overhead: number) {
    this.#budget = budget
    this.#overhead = overhead
  }

  get size(): number {
    return this.#entries.size
  }

  get(name: Name): Value | undefined {
    return this.#entries.get(name)
  }

  /** Adds an entry. It is kept until `trim`, whatever it takes. */
  add(name: Name, value: Value): void {
    if (!this.#entries.has(name)) this.#cost += name.length + this.#overhead
    this.#entries.set(name, value)
  }

  /** Where the budget is exceeded, forgets the oldest, down to a part of it. */
  trim(): void {
    if (this.#cost <= this.#budget) return
    for (const oldest of this.#entries.keys()) {
      if (this.#cost <= this.#budget * TRIMMED) break
      this.#entries.delete(oldest)
      this.#cost -= oldest.length + this.#overhead
    }
  }

  clear(): void {
    this.#entries.clear()
    this.#cost = 0
  }
}
