import { setTimeout as pause } from 'node:timers/promises'

/** Two transactions in each other's way: nothing is stored, and trying again helps. */
const IN_THE_WAY = new Set(['40001', '40P01'])
/** The server ended the connection, or does not know itself what became of the transaction. */
const UNKNOWN = /^(08|57P0|40003)/

const stateOf = (error: unknown): string => {
  const { code } = error as { code?: unknown }
  // Node's own errors have codes too, such as ECONNRESET.
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : ''
}

/** Whether a transaction that failed is to be tried again. */
export function isInTheWay(error: unknown): boolean {
  return IN_THE_WAY.has(stateOf(error))
}

/** Whether a commit that failed so may have been made all the same. */
export function mayHaveCommitted(error: unknown): boolean {
  const state = stateOf(error)
  return state === '' || UNKNOWN.test(state)
}

/** Another made the same table, or the same row. */
const DONE_BY_ANOTHER = new Set(['23505', '42P07', '40001', '40P01'])

/** Whether a change of the schema failed because another was making it. */
export function isDoneByAnother(error: unknown): boolean {
  return DONE_BY_ANOTHER.has(stateOf(error))
}

/** What the driver says without a code, where it gave up waiting, or lost the connection. */
const LOST = /timeout|terminated|not queryable|connection/i

/** Whether something failed because of the database, its server or the way there, and not by a fault of ours. */
export function isOfDatabase(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? !code.startsWith('ERR_') : LOST.test(String(message))
}

/** How often a transaction is tried that others are in the way of. */
const TRIES = 10

/** Runs a transaction, and again where others were in its way. */
export async function retrying<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await run()
    } catch (error) {
      if (!isInTheWay(error) || tries === TRIES) throw error
      await pause(Math.random() * 2 ** tries)
    }
  }
}
