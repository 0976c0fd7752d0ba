import { setTimeout as pause } from 'node:timers/promises'

/** Two transactions in each other's way: nothing is stored, and trying again helps. */
const IN_THE_WAY = new Set(['40001', '40P01'])
/** Two that made the same table at once. */
export const MADE_TWICE = new Set(['23505', '42P07', '42710'])
/** The server ended the connection, or does not know itself what became of the transaction. */
const UNKNOWN = /^(08|57P0|40003)/
/** How often a transaction is tried. */
const TRIES = 10

/** A batch whose writer is not known to the database: it was fenced, or had not written for long. */
export class Unmarked extends Error {}

const stateOf = (error: unknown): string => {
  const { code } = error as { code?: unknown }
  // Node's own errors have codes too, such as EPIPE.
  return typeof code === 'string' && /^(\d\d|F0|HV|P0|XX)[0-9A-Z]{3}$/.test(code) ? code : ''
}

/** Whether a transaction that failed so may have been committed all the same. */
export function mayHaveCommitted(error: unknown): boolean {
  const state = stateOf(error)
  return !(error instanceof Unmarked) && (state === '' || UNKNOWN.test(state))
}

/** What the driver says without a code, where it gave up waiting, or lost the connection. */
const LOST = /timeout|terminated|not queryable|connection/i

/** Whether something failed because of the database, its server or the way there, and not by a fault of ours. */
export function isOfDatabase(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? !code.startsWith('ERR_') : LOST.test(String(message))
}

/**
 * Runs a transaction, and again where it failed for a reason that passes.
 * @param passing further states that pass
 */
export async function retrying<Result>(
  run: () => Promise<Result>,
  passing: ReadonlySet<string> = new Set(),
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await run()
    } catch (error) {
      const state = stateOf(error)
      const passes = error instanceof Unmarked || IN_THE_WAY.has(state) || passing.has(state)
      if (!passes || tries === TRIES) throw error
      await pause(Math.random() * 2 ** tries)
    }
  }
}
