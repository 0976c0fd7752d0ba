import { subscriber } from '../../address.ts'
import { Refusal } from '../../refusal.ts'
import { MINUTE_MS } from '../../time.ts'

/** Wrong secrets that one address may try in a minute. */
const MAX_TRIES = 10
/** Addresses remembered; when there are more, the one whose minute began first is forgotten. */
const MAX_ADDRESSES = 10_000

/** Limits how often one address is told that a secret is wrong, be it a token, an owner's key or a link, and reports wrong ones. */
export class Tries {
  readonly #now: () => number
  readonly #report: (tries: number) => void
  readonly #failed = new Map<string, { tries: number; until: number }>()
  #quietUntil = Number.NEGATIVE_INFINITY
  #unreported = 0

  /** @param report is called at most once a minute, with the number of wrong tries since the last time */
  constructor(now: () => number, report: (tries: number) => void) {
    this.#now = now
    this.#report = report
  }

  /** @throws Refusal `too_many_requests` if an address has tried so many wrong secrets that it has to wait */
  check(address: string): void {
    const failed = this.#failed.get(subscriber(address))
    if (failed === undefined || failed.tries < MAX_TRIES || this.#now() >= failed.until) return
    throw new Refusal(
      'too_many_requests',
      'too many tries',
      'Your address has tried too many wrong secrets; try again in a minute.',
    )
  }

  /** Notes that an address has tried a wrong secret. */
  fail(address: string): void {
    const now = this.#now()
    const name = subscriber(address)
    const failed = this.#failed.get(name)
    if (failed !== undefined && now < failed.until) failed.tries += 1
    else {
      this.#failed.delete(name)
      this.#failed.set(name, { tries: 1, until: now + MINUTE_MS })
      const [first = ''] = this.#failed.keys()
      if (this.#failed.size > MAX_ADDRESSES) this.#failed.delete(first)
    }
    this.#unreported += 1
    if (now < this.#quietUntil) return
    this.#quietUntil = now + MINUTE_MS
    this.#report(this.#unreported)
    this.#unreported = 0
  }
}
