import type { Database, Statement } from 'better-sqlite3'
import type { Compilable } from 'kysely'

/**
 * A statement that Kysely builds once and the driver prepares once. The values in `query` only hold places:
 * those of each run are given by position, in the order in which the SQL names them.
 */
export function prepare<Parameters extends unknown[], Row = unknown>(
  driver: Database,
  query: Compilable<unknown>,
): Statement<Parameters, Row> {
  return driver.prepare<Parameters, Row>(query.compile().sql) as Statement<Parameters, Row>
}
