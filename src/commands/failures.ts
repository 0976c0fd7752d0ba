import { basename } from 'node:path'
import { UnknownOutcome } from '../database/failures.ts'
import {
  explainFailure as explainServerFailure,
  isOfDatabase,
} from '../database/postgres/failures.ts'
import { explainFailure as explainFileFailure } from '../database/sqlite/condition.ts'
import { Refusal } from '../refusal.ts'
import { CommandFailure, UsageError } from './usage.ts'

/**
 * Runs work on a database, and explains its failures to a person. Errors that do not come from the database are passed on.
 * @param problem how the explanation begins, such as `Cannot prune hits.db`
 * @param explain replaces the message of a failure by a better one
 * @param file the SQLite file, if the database is one
 * @throws CommandFailure
 */
export async function explainFailures<Result>(
  problem: string,
  run: () => Promise<Result>,
  { explain, file }: { explain?: (failure: string) => string; file?: string | undefined } = {},
): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof UsageError || error instanceof CommandFailure) throw error
    const failure = explainFailure(error, file)
    if (failure === null) throw error
    throw new CommandFailure(`${problem}: ${explain?.(failure) ?? failure}.`, { cause: error })
  }
}

function explainFailure(error: unknown, file: string | undefined): string | null {
  const cause = (error instanceof Refusal && error.cause) || error
  const { message, code } = cause as Error & { code?: string }
  if (cause instanceof UnknownOutcome) return `${message}; run this again, which does nothing twice`
  const explained =
    file === undefined ? explainServerFailure(cause) : explainFileFailure(cause, file)
  if (explained !== null) return explained
  return error instanceof Refusal || isOfDatabase(cause) ? message || String(code) : null
}

/** Explains why a database in WAL mode without its log may be incomplete, and how to copy one; see `Readable`. */
export function lackingLog(file: string): string {
  const name = basename(file)
  return (
    `It is in WAL mode, where SQLite keeps what is new in ${name}-wal, and that file is not there, or is empty: ` +
    `a copy of ${name} alone lacks all that was in it. Copy ${name} and ${name}-wal together, or have SQLite make one ` +
    `whole file: sqlite3 ${name} "VACUUM INTO 'copy.db'".`
  )
}
