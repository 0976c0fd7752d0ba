import type { Administration } from '../admin.ts'
import { Refusal } from '../refusal.ts'
import type { Reader, Store, VisitExchange } from '../store.ts'
import type { UncountedQueue } from './batch.ts'
import type { FullLimit } from './options.ts'

/** It is not known whether a hit was stored. It counts once or not at all. */
export class UnknownOutcome extends Error {}

/** The refusal when the database cannot be reached. The cause is for the log. */
export function unavailable(cause: unknown): Refusal {
  const counted =
    cause instanceof UnknownOutcome
      ? 'whether this was counted is not known'
      : 'nothing was counted'
  return new Refusal(
    'unavailable',
    'try again soon',
    `The counter cannot reach its database just now; ${counted}. Try again soon.`,
    { cause },
  )
}

export function noMorePages(limit: FullLimit): Refusal {
  const ofHost = limit === 'host' ? ' of that host' : ''
  const sentence = `This counter takes no more new pages${ofHost}; those it knows are counted on.`
  return new Refusal('too_many_pages', 'no new pages', sentence)
}

/** The refusal of everything about a page that an operator has removed. */
export function removedPage(): Refusal {
  return new Refusal(
    'removed',
    'removed',
    'The operator of this counter, or the owner of the page, has removed that page.',
  )
}

export interface StoreState {
  closed: boolean
  /** Why nothing that is written now would be kept; null if all is well. */
  lost: string | null
}

interface StoreParts {
  reader: Reader
  /** If there is a replica, its reader. */
  replica?: Reader | undefined
  admin: Administration
  exchange?: VisitExchange
  methods: Omit<
    Store,
    keyof Reader | 'admin' | 'replica' | 'exchange' | 'recordUncounted' | 'writeUncounted' | 'close'
  >
  uncounted: UncountedQueue
  close(): Promise<void>
}

/**
 * Makes a store. Its methods reject once it is closed or its database lost, and every failure becomes a refusal.
 * @param state is read at each call: the caller sets `lost`
 */
export function guardedStore(state: StoreState, parts: StoreParts): Store {
  const { reader, replica, admin, methods, uncounted } = parts
  const guardedReader = guarded(state, reader)
  let closing: Promise<void> | null = null
  return {
    ...guardedReader,
    ...guarded(state, { ...methods, writeUncounted: () => uncounted.write() }),
    admin: guarded(state, admin),
    replica: replica ? guarded(state, replica) : guardedReader,
    exchange: parts.exchange ?? null,
    recordUncounted: (page, outcome, at) => uncounted.add(page, outcome, at),
    close() {
      state.closed = true
      closing ??= parts.close()
      return closing
    },
  }
}

function guarded<Methods extends object>(state: StoreState, methods: Methods): Methods {
  const check = () => {
    if (state.lost !== null) throw new Error(state.lost)
  }
  const guard =
    (run: (...parameters: unknown[]) => Promise<unknown>) =>
    async (...parameters: unknown[]): Promise<unknown> => {
      try {
        if (state.closed) throw new Error('the store is closed')
        check()
        const result = await run(...parameters)
        // The database may have been lost meanwhile, and the hit with it.
        check()
        return result
      } catch (error) {
        throw error instanceof Refusal ? error : unavailable(error)
      }
    }
  return Object.fromEntries(
    Object.entries(methods).map(([name, run]) => [name, guard(run)]),
  ) as Methods
}
