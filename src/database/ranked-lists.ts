import type { Administration } from '../admin.ts'
import { Cache } from '../cache.ts'
import type { Ranked } from '../store.ts'

/** Entries that are read at a time: a list that takes long to read is not read again for each part of it. */
const WINDOW = 1000
/** Bytes of all windows, and of an entry beside its name. */
const MAX_BYTES = 16_000_000
const ENTRY_BYTES = 150
/** Windows of a list that are kept, from different places. */
const MAX_WINDOWS = 8
/** For how long a window is used, as a multiple of the time that reading it took, and at most, in ms. */
const KEPT_TIMES = 20
const MAX_KEPT_MS = 15_000

/** An entry with the place after which a list goes on. */
export interface PlacedEntry extends Ranked {
  place: string
}

/** A part of a list, and where the next one begins; null at the end. */
export interface RankedList {
  entries: Ranked[]
  next: string | null
}

interface Window {
  after: string
  entries: PlacedEntry[]
  /** The number of entries up to each place. */
  places: Map<string, number>
  isLast: boolean
  freshUntil: number
}

/**
 * Lists by hits, which may take as long to read as there are entries. A window of entries is read at a time, and kept for some
 * twenty times as long as that took: short lists are as good as new, and long ones use a bounded share of the time.
 */
export class RankedLists {
  readonly #lists = new Cache<Window[]>(MAX_BYTES, bytesOf)
  readonly #reading = new Map<string, Promise<Window>>()
  #changes = 0

  /** Has all lists read again: an operator has changed pages. */
  forget(): void {
    this.#lists.clear()
    this.#changes += 1
  }

  /**
   * @param list names the list
   * @param after `next` of the part before; empty at the beginning
   * @param read reads so many entries after a place
   */
  async read(
    list: string,
    after: string,
    limit: number,
    read: (after: string, limit: number) => Promise<PlacedEntry[]>,
  ): Promise<RankedList> {
    const now = performance.now()
    const found = (this.#lists.get(list) ?? []).flatMap((window) => {
      const start = window.places.get(after)
      const isLongEnough =
        start !== undefined && (window.isLast || start + limit <= window.entries.length)
      return isLongEnough && now < window.freshUntil ? [{ window, start }] : []
    })[0]
    const { window, start } = found ?? {
      window: await this.#window(list, after, limit, read),
      start: 0,
    }
    const entries = window.entries.slice(start, start + limit)
    const isEnd = window.isLast && start + limit >= window.entries.length
    return {
      entries: entries.map(({ name, hits }) => ({ name, hits })),
      next: isEnd ? null : (entries.at(-1)?.place ?? null),
    }
  }

  /** Reads a window, once for all who ask meanwhile. */
  #window(
    list: string,
    after: string,
    limit: number,
    read: (after: string, limit: number) => Promise<PlacedEntry[]>,
  ): Promise<Window> {
    const length = Math.max(WINDOW, limit)
    const name = `${length} ${after} ${list}`
    const reading = this.#reading.get(name)
    if (reading) return reading
    const begun = this.#readWindow(list, after, length, read).finally(() =>
      this.#reading.delete(name),
    )
    this.#reading.set(name, begun)
    return begun
  }

  async #readWindow(
    list: string,
    after: string,
    length: number,
    read: (after: string, limit: number) => Promise<PlacedEntry[]>,
  ): Promise<Window> {
    const changes = this.#changes
    const start = performance.now()
    const entries = await read(after, length)
    const now = performance.now()
    const window: Window = {
      after,
      entries,
      places: new Map([
        [after, 0],
        ...entries.map(({ place }, at): [string, number] => [place, at + 1]),
      ]),
      isLast: entries.length < length,
      freshUntil: now + Math.min(MAX_KEPT_MS, KEPT_TIMES * (now - start)),
    }
    // What was read before a change is not kept after it.
    if (changes === this.#changes) {
      const others = (this.#lists.get(list) ?? []).filter(
        (other) => other.after !== after && now < other.freshUntil,
      )
      this.#lists.set(list, [...others.slice(1 - MAX_WINDOWS), window])
    }
    return window
  }
}

function bytesOf(windows: readonly Window[]): number {
  let bytes = 0
  for (const { entries } of windows)
    for (const { name, place } of entries) bytes += name.length + 2 * place.length + ENTRY_BYTES
  return bytes
}

/** Has the lists read again after each change. */
export function forgetting(admin: Administration, lists: RankedLists): Administration {
  return {
    ...admin,
    async change(...parameters) {
      const changed = await admin.change(...parameters)
      lists.forget()
      return changed
    },
  }
}
