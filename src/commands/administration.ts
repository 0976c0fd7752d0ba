import { statSync } from 'node:fs'
import type { Settings } from '../../config.ts'
import type { Administration, Deed } from '../admin.ts'
import { databaseName } from '../database/options.ts'
import { checkDatabase } from '../database/sqlite/condition.ts'
import { Refusal } from '../refusal.ts'
import { explainFailures } from './failures.ts'
import { withStore } from './store.ts'
import { CommandFailure } from './usage.ts'

/**
 * Runs the work of a command that is of use only while administration is on.
 * @param problem how the explanation of a failure begins, such as `Cannot make a key in`
 * @throws CommandFailure
 */
export async function administer<Result>(
  settings: Settings,
  problem: string,
  now: number,
  work: (admin: Administration, deed: Deed) => Promise<Result>,
): Promise<Result> {
  const { admin, database } = settings
  if (!admin.isOn) {
    throw new CommandFailure(
      'Administration is off. Start the service with ADMIN=true, and run this with ADMIN=true too: docs/administration.md ' +
        'says more.',
    )
  }
  const name = databaseName(database.url, database.file)
  const file = database.url === undefined ? name : undefined
  return explainFailures(
    `${problem} ${name}`,
    async () => {
      if (file !== undefined && !statSync(file, { throwIfNoEntry: false })) {
        throw new CommandFailure(
          `There is no database ${file}. Start the service first, with the same settings as this command.`,
        )
      }
      if (file !== undefined) checkDatabase(file)
      return withStore(settings, (store) =>
        work(store.admin, { actor: 'command line', reason: '', at: now }).catch((error) => {
          // What a person typed is refused: that is no fault of the database.
          const isTyped = error instanceof Refusal && error.status < 500
          throw isTyped ? new CommandFailure(error.message, { cause: error }) : error
        }),
      )
    },
    { file },
  )
}
