import { hourOf } from '../hours.ts'
import type { PageKey } from '../page.ts'
import type { Note } from '../store.ts'
import type { Noted } from '../visit.ts'

/** Notes that may wait: pages with an hour and an outcome each. Those that come then are lost, save of such as wait. */
const CAPACITY = 10_000

/** Visits that did not count, until they are written: together, since nobody was promised that they are on disk. */
export class Notes {
  #waiting = new Map<string, Note>()

  add(page: PageKey, outcome: Noted, at: number): void {
    this.#add({ page, outcome, hour: hourOf(at), visits: 1 })
  }

  take(): Note[] {
    const taken = [...this.#waiting.values()]
    this.#waiting = new Map()
    return taken
  }

  /** For notes that could not be written. */
  putBack(taken: readonly Note[]): void {
    for (const note of taken) this.#add(note)
  }

  #add(note: Note): void {
    const key = `${note.outcome} ${note.hour} ${note.page}`
    const waiting = this.#waiting.get(key)
    if (waiting) waiting.visits += note.visits
    else if (this.#waiting.size < CAPACITY) this.#waiting.set(key, note)
  }
}
