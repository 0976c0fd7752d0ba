/** Room for visits at first. It is doubled when it is full. */
const FIRST_ROOM = 1024
/** Parts into which the time is divided: the visits of a part end together. */
const PARTS = 600

/** The host of a visit to a page that is removed. */
export const NO_HOST = 0

/** The page and the host's counter to which the visits of a page belong from now on. */
export type Moves = ReadonlyMap<number, { page: number; host: number }>

/** The pages and hosts of the visits of the last minutes, in memory, and nothing else about these visits. */
export class Active {
  readonly #partMs: number
  readonly #capacity: number
  readonly #byPage = new Map<number, number>()
  /** By the ids of the hosts' counters. */
  readonly #byHost = new Map<number, number>()
  /** The number of visits in each part, the oldest part first. */
  readonly #parts: { part: number; visits: number }[] = []
  /** The pages in a ring buffer, the oldest at `#first`. An ordinary array would take several times the memory. */
  #pages: Uint32Array
  /** The counters of their hosts, in the same places. */
  #hosts: Int32Array
  #first = 0
  #total = 0

  /**
   * @param lastMs how long a visit is active
   * @param capacity visits remembered at most; beyond that, the oldest is forgotten
   */
  constructor(lastMs: number, capacity: number) {
    this.#partMs = lastMs / PARTS
    this.#capacity = capacity
    this.#pages = new Uint32Array(Math.min(FIRST_ROOM, capacity))
    this.#hosts = new Int32Array(this.#pages.length)
  }

  /** Adds visits that were counted together, each by the id of its page and that of its host's counter. */
  add(pages: readonly number[], hosts: readonly number[], at: number): void {
    this.sweep(at)
    const part = Math.floor(at / this.#partMs)
    for (const [index, page] of pages.entries()) {
      if (this.#total === this.#pages.length) this.#makeRoom()
      const place = (this.#first + this.#total) % this.#pages.length
      const host = hosts[index] as number
      this.#pages[place] = page
      this.#hosts[place] = host
      this.#total += 1
      add(this.#byPage, page, 1)
      add(this.#byHost, host, 1)
      const last = this.#parts.at(-1)
      if (last?.part === part) last.visits += 1
      else this.#parts.push({ part, visits: 1 })
    }
  }

  /** The number of active visits to a page, to a host by the id of its counter, or to all pages. */
  visits(id: number | null, now: number): number {
    this.sweep(now)
    if (id === null) return this.#total
    return this.#byPage.get(id) ?? this.#byHost.get(id) ?? 0
  }

  /** The pages with active visits. */
  pages(now: number): number[] {
    this.sweep(now)
    return [...this.#byPage.keys()]
  }

  move(moves: Moves): void {
    const found = [...moves].filter(([page]) => this.#byPage.has(page))
    if (found.length === 0) return
    const ofFound = new Map(found)
    for (let index = 0; index < this.#total; index++) {
      const place = (this.#first + index) % this.#pages.length
      const move = ofFound.get(this.#pages[place] as number)
      if (move === undefined) continue
      add(this.#byPage, this.#pages[place] as number, -1)
      add(this.#byHost, this.#hosts[place] as number, -1)
      this.#pages[place] = move.page
      this.#hosts[place] = move.host
      add(this.#byPage, move.page, 1)
      add(this.#byHost, move.host, 1)
    }
  }

  /** Forgets visits that are no longer active. */
  sweep(now: number): void {
    const present = Math.floor(now / this.#partMs)
    for (let oldest = this.#parts[0]; oldest; oldest = this.#parts[0]) {
      // A part in the future was added before the clock was set back.
      if (oldest.part > present - PARTS && oldest.part <= present + PARTS) break
      for (let visits = oldest.visits; visits > 0; visits--) this.#forgetFirst()
    }
  }

  #makeRoom(): void {
    const length = Math.min(2 * this.#pages.length, this.#capacity)
    if (length === this.#pages.length) {
      this.#forgetFirst()
      return
    }
    const inOrder = <Ring extends Uint32Array | Int32Array>(ring: Ring, from: Ring): Ring => {
      ring.set(from.subarray(this.#first))
      ring.set(from.subarray(0, this.#first), from.length - this.#first)
      return ring
    }
    this.#pages = inOrder(new Uint32Array(length), this.#pages)
    this.#hosts = inOrder(new Int32Array(length), this.#hosts)
    this.#first = 0
  }

  #forgetFirst(): void {
    add(this.#byPage, this.#pages[this.#first] as number, -1)
    add(this.#byHost, this.#hosts[this.#first] as number, -1)
    this.#first = (this.#first + 1) % this.#pages.length
    this.#total -= 1
    const oldest = this.#parts[0] as { visits: number }
    oldest.visits -= 1
    if (oldest.visits === 0) this.#parts.shift()
  }
}

function add(visits: Map<number, number>, id: number, change: 1 | -1): void {
  const sum = (visits.get(id) ?? 0) + change
  if (sum === 0) visits.delete(id)
  else visits.set(id, sum)
}
