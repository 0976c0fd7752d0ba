import { Refusal } from '../refusal.ts'
import type { Reader, Store } from '../store.ts'
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

export interface StoreState {
  closed: boolean
  /** Why nothing that is written now would be kept; null if all is well. */
  lost: string | null
}

/** The methods of a store that need its database. */
export type StoreMethods = Omit<Store, keyof Reader | 'replica' | 'recordUncounted' | 'close'>

/**
 * Wraps methods that need the database: they reject once the store is closed or its database lost, and every failure
 * becomes a refusal.
 */
export function guarded<Methods extends object>(state: StoreState, methods: Methods): Methods {
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
