import type { Database, RunResult, Statement } from 'better-sqlite3'
import { QUERIES } from '../queries.ts'
import { LIST_QUERIES, LISTS } from './list-queries.ts'
import { ADMIN_QUERIES } from './queries.ts'

const ALL_QUERIES = { ...QUERIES, ...ADMIN_QUERIES, ...LIST_QUERIES, ...LISTS }
type Name = keyof typeof ALL_QUERIES

export type Statements = ReturnType<typeof statements>

/** Runs statements by their names, each with its parameters. A statement is prepared when it is first needed. */
export function statements(driver: Database) {
  const prepared = new Map<Name, Statement<unknown[]>>()

  function find(name: Name): Statement<unknown[]> {
    const statement = prepared.get(name) ?? driver.prepare(ALL_QUERIES[name])
    prepared.set(name, statement)
    return statement
  }

  return {
    run: (name: Name, ...parameters: unknown[]): RunResult => find(name).run(...parameters),
    get: <Row>(name: Name, ...parameters: unknown[]) =>
      find(name).get(...parameters) as Row | undefined,
    all: <Row>(name: Name, ...parameters: unknown[]) => find(name).all(...parameters) as Row[],
  }
}
