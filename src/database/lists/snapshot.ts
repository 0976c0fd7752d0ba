import { setImmediate as nextTurn } from 'node:timers/promises'
import { badPlace } from '../administration.ts'
import { descending, SLICE } from './order.ts'

/** Entries that a snapshot has at most, and bytes of their names. */
export const MAX_ENTRIES = 2_000_000
const MAX_NAME_BYTES = 250_000_000
/** Bytes that UTF-8 needs for a UTF-16 unit at most. */
const MAX_BYTES_A_UNIT = 3
/** Names that an answer tries against an operator's patterns; those that were tried before are known. */
const MAX_TRIED = 5000

const LINE_END = 10
const [UPPER_A, UPPER_Z, TO_LOWER] = [65, 90, 32]

/** What is known of whether an entry may be listed. */
const [SHOWN, HIDDEN] = [1, 2]

export interface Entry {
  id: number
  name: string
  values: number[]
}

export interface Part {
  /** By which of the values to sort, in descending order. */
  column: number
  /** Text that names contain, in any case. */
  text: string
  /** `next` of the last part; empty at the beginning. */
  after: string
  limit: number
  /** Whether a name may be listed. It is tried once for each name, as long as it is the same function. */
  shows: (name: string) => boolean
}

export interface Found {
  entries: Entry[]
  next: string | null
}

/** Names in the order of a column, in lower case and each ended by a line end; and where each begins. */
interface Text {
  bytes: Buffer
  starts: Float64Array
}

/**
 * All entries of a list as they were at a moment, in compact arrays. They are sorted by a column, and made ready to be searched,
 * when that is first needed.
 */
export class Snapshot {
  #length = 0
  #ids = new Float64Array(64)
  readonly #columns: Float64Array[]
  /** The names, one after the other, and where each begins. */
  #names: Buffer = Buffer.alloc(4096)
  #starts = new Float64Array(65)
  readonly #orders = new Map<number, Promise<Uint32Array>>()
  readonly #texts = new Map<number, Promise<Text>>()
  /** Whether each entry is shown, as far as that was tried with the newest filter. */
  #verdicts = { by: (_: string) => true, of: new Uint8Array(0) }

  /** @param columns how many values each entry has */
  constructor(columns: number) {
    this.#columns = Array.from({ length: columns }, () => new Float64Array(64))
  }

  get length(): number {
    return this.#length
  }

  /** The bytes that it takes. Each order and each text that is not made yet counts as if it were. */
  get bytes(): number {
    const ofEntry = 16 + 20 * this.#columns.length
    return this.#ids.length * ofEntry + this.#names.length * (1 + this.#texts.size)
  }

  /**
   * Adds an entry. Ids must ascend.
   * @returns whether there was room for it
   */
  add(id: number, name: string, ...values: number[]): boolean {
    const at = this.#length
    const start = this.#starts[at] as number
    const room = MAX_BYTES_A_UNIT * name.length
    if (at >= MAX_ENTRIES || start + room > MAX_NAME_BYTES) return false
    if (at === this.#ids.length) this.#grow()
    if (start + room > this.#names.length) {
      const grown = Buffer.allocUnsafeSlow(2 * this.#names.length + room)
      this.#names.copy(grown)
      this.#names = grown
    }
    this.#ids[at] = id
    for (const [column, array] of this.#columns.entries()) array[at] = values[column] as number
    this.#starts[at + 1] = start + this.#names.write(name, start)
    this.#length += 1
    return true
  }

  #grow(): void {
    const length = 2 * this.#ids.length
    const grown = (array: Float64Array, to: number) => {
      const copy = new Float64Array(to)
      copy.set(array)
      return copy
    }
    this.#ids = grown(this.#ids, length)
    this.#starts = grown(this.#starts, length + 1)
    for (const [column, array] of this.#columns.entries())
      this.#columns[column] = grown(array, length)
  }

  /** Makes ready what another snapshot of the same list was used for. */
  async prepareAs(other: Snapshot): Promise<void> {
    for (const column of other.#orders.keys()) await this.#order(column)
    for (const column of other.#texts.keys()) await this.#text(column)
  }

  /** @throws Refusal `bad_request` for a place that no answer has had as `next` */
  async read({ column, text, after, limit, shows }: Part): Promise<Found> {
    const place = after === '' ? null : placeOf(after)
    const verdicts = this.#verdictsOf(shows)
    const order = await this.#order(column)
    const find = await this.#finder(column, text)
    const entries: Entry[] = []
    let tried = 0
    let next: string | null = null
    const isShown = (index: number) => {
      if (verdicts[index] === 0) {
        tried += 1
        verdicts[index] = shows(this.#nameAt(index)) ? SHOWN : HIDDEN
      }
      return verdicts[index] === SHOWN
    }
    let rank = find(place === null ? 0 : this.#rankAfter(order, column, place))
    for (; rank < this.#length; rank = find(rank + 1)) {
      const index = order[rank] as number
      if (entries.length === limit || tried >= MAX_TRIED) {
        // The list goes on, at least with this entry.
        if (tried >= MAX_TRIED || isShown(index)) return { entries, next }
        continue
      }
      next = `${this.#columns[column]?.[index]}.${this.#ids[index]}`
      if (isShown(index)) entries.push(this.#entryAt(index))
    }
    return { entries, next: null }
  }

  #order(column: number): Promise<Uint32Array> {
    const known = this.#orders.get(column)
    if (known) return known
    const made = descending(this.#columns[column] as Float64Array, this.#length)
    this.#orders.set(column, made)
    return made
  }

  /** @returns a function that finds the first rank from a rank on whose name contains a text; `length` if there is none */
  async #finder(column: number, text: string): Promise<(rank: number) => number> {
    if (text === '') return (rank) => rank
    if (text.includes('\n')) return () => this.#length
    const { bytes, starts } = await this.#text(column)
    const wanted = Buffer.from(text.toLowerCase())
    return (rank) => {
      if (rank >= this.#length) return this.#length
      const at = bytes.indexOf(wanted, starts[rank])
      return at < 0
        ? this.#length
        : firstWhere(this.#length, (each) => (starts[each + 1] as number) > at)
    }
  }

  #text(column: number): Promise<Text> {
    const known = this.#texts.get(column)
    if (known) return known
    const made = this.#makeText(column)
    this.#texts.set(column, made)
    return made
  }

  async #makeText(column: number): Promise<Text> {
    const order = await this.#order(column)
    const bytes = Buffer.allocUnsafeSlow((this.#starts[this.#length] as number) + this.#length)
    const starts = new Float64Array(this.#length + 1)
    let at = 0
    for (const [rank, index] of order.entries()) {
      if (rank % SLICE === SLICE - 1) await nextTurn()
      const end = this.#starts[index + 1] as number
      for (let from = this.#starts[index] as number; from < end; from++) {
        const byte = this.#names[from] as number
        bytes[at++] = byte >= UPPER_A && byte <= UPPER_Z ? byte + TO_LOWER : byte
      }
      bytes[at++] = LINE_END
      starts[rank + 1] = at
    }
    return { bytes, starts }
  }

  /** The first rank after a place. */
  #rankAfter(order: Uint32Array, column: number, { value, id }: Place): number {
    const values = this.#columns[column] as Float64Array
    return firstWhere(this.#length, (rank) => {
      const index = order[rank] as number
      const own = values[index] as number
      return own < value || (own === value && (this.#ids[index] as number) < id)
    })
  }

  #verdictsOf(by: Part['shows']): Uint8Array {
    if (this.#verdicts.by !== by) this.#verdicts = { by, of: new Uint8Array(this.#length) }
    return this.#verdicts.of
  }

  #nameAt(index: number): string {
    return this.#names.toString('utf8', this.#starts[index], this.#starts[index + 1])
  }

  #entryAt(index: number): Entry {
    const values = this.#columns.map((array) => array[index] as number)
    return { id: this.#ids[index] as number, name: this.#nameAt(index), values }
  }
}

interface Place {
  value: number
  id: number
}

/** @throws Refusal `bad_request` */
function placeOf(after: string): Place {
  const [, value, id] = /^(\d{1,19})\.(\d{1,16})$/.exec(after) ?? []
  if (value === undefined || id === undefined) throw badPlace()
  return { value: Number(value), id: Number(id) }
}

/** The first number from 0 on of which something is true that is true of all after it; `length` if there is none before. */
function firstWhere(length: number, isTrue: (number: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isTrue(middle)) high = middle
    else low = middle + 1
  }
  return low
}
