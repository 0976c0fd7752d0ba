import type { Settings } from '../../config.ts'
import { COMMAND_ANSWER_MS } from '../database/postgres/connection.ts'
import { openPostgresStore } from '../database/postgres.ts'
import { openSqliteStore } from '../database/sqlite.ts'
import type { Store } from '../store.ts'

/** Opens the database, which a running service may use too, and closes it after the work. */
export async function withStore<Result>(
  { database: { file, url, options } }: Settings,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const store =
    url === undefined
      ? await openSqliteStore(file, options)
      : await openPostgresStore(url, { ...options, answerMs: COMMAND_ANSWER_MS })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
