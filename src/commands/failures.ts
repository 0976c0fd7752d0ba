import { isOfDatabase } from '../database/postgres/failures.ts'
import { Refusal } from '../refusal.ts'
import { CommandFailure, UsageError } from './usage.ts'

/**
 * Runs what a database may fail, and then tells a person so. Faults of ours go on as they are.
 * @param what could not be done
 * @param explain says more of a failure than it does itself
 */
export async function telling<Result>(
  what: string,
  run: () => Promise<Result>,
  explain: (failure: string) => string = (failure) => failure,
): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    const cause = (error instanceof Refusal && error.cause) || error
    const isSaid = error instanceof UsageError || error instanceof CommandFailure
    if (isSaid || !isOfDatabase(cause)) throw error
    const { message, code } = cause as Error & { code?: string }
    throw new CommandFailure(`${what}: ${explain(message || String(code))}.`, { cause: error })
  }
}
