import { isOfDatabase } from '../database/postgres/failures.ts'
import { explainFailure } from '../database/sqlite/condition.ts'
import { Refusal } from '../refusal.ts'
import { CommandFailure, UsageError } from './usage.ts'

/**
 * Runs what a database may fail, and then tells a person so. Faults of ours go on as they are.
 * @param what could not be done
 * @param explain says more of a failure than it does itself
 * @param file the SQLite file, where it is one
 */
export async function telling<Result>(
  what: string,
  run: () => Promise<Result>,
  explain: (failure: string) => string = (failure) => failure,
  file?: string,
): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    const cause = (error instanceof Refusal && error.cause) || error
    if (error instanceof UsageError || error instanceof CommandFailure) throw error
    const ofFile = file === undefined ? null : explainFailure(cause, file)
    if (ofFile === null && !isOfDatabase(cause)) throw error
    const { message, code } = cause as Error & { code?: string }
    const failure = ofFile ?? (message || String(code))
    throw new CommandFailure(`${what}: ${explain(failure)}.`, { cause: error })
  }
}
