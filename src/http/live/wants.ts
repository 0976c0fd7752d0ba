import type { Wanted } from '../../live.ts'
import type { PageKey } from '../../page.ts'

/** For how long a want counts after its last listener has gone, in ms, because the client may connect again. */
const LINGER_MS = 30_000
/** Wants whose listeners have gone. Beyond that, the oldest do not count any more. */
const MAX_LINGERING = 100

interface Lingering {
  wanted: Wanted
  since: number
}

/** What all listeners of this service want, together. */
export class Wants {
  readonly #pages = new Map<PageKey, number>()
  readonly #hosts = new Map<string, number>()
  #wantsOfAll = 0
  /** The oldest come first. */
  #lingering: Lingering[] = []
  /** Grows with each change. */
  version = 0

  /** Whether nobody wants anything. */
  get isEmpty(): boolean {
    return this.#wantsOfAll + this.#pages.size + this.#hosts.size === 0
  }

  /** Whether somebody wants the visits to all pages that are listed. */
  get hasAll(): boolean {
    return this.#wantsOfAll > 0
  }

  hasPage(page: PageKey): boolean {
    return this.#pages.has(page)
  }

  hasHost(host: string): boolean {
    return this.#hosts.has(host)
  }

  add(wanted: Wanted): void {
    this.#count(wanted, 1)
  }

  /** Says that the last listener who wanted this has gone. */
  leave(wanted: Wanted, now: number): void {
    this.#lingering.push({ wanted, since: now })
    if (this.#lingering.length > MAX_LINGERING) this.#end(this.#lingering.slice(0, 1))
  }

  /** Must be called often: ends what has lingered. The clock may have been set back. */
  tick(now: number): void {
    if (this.#lingering.length === 0) return
    this.#end(this.#lingering.filter(({ since }) => Math.abs(now - since) >= LINGER_MS))
  }

  #end(ended: readonly Lingering[]): void {
    if (ended.length === 0) return
    this.#lingering = this.#lingering.filter((each) => !ended.includes(each))
    for (const { wanted } of ended) this.#count(wanted, -1)
  }

  #count({ pages, hosts }: Wanted, change: 1 | -1): void {
    this.version += 1
    for (const page of pages) addTo(this.#pages, page, change)
    for (const host of hosts) addTo(this.#hosts, host, change)
    if (pages.size + hosts.size === 0) this.#wantsOfAll += change
  }
}

function addTo<Name>(counts: Map<Name, number>, name: Name, change: number): void {
  const count = (counts.get(name) ?? 0) + change
  if (count === 0) counts.delete(name)
  else counts.set(name, count)
}
