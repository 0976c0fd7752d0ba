import { setTimeout as pause } from 'node:timers/promises'

/** Connections that a service needs to the database that it writes to; see `openPostgresStore`. */
const CONNECTIONS = 7

/** SQLSTATEs of two transactions that blocked each other. Nothing is stored, and a retry can succeed. */
const BLOCKED = new Set(['40001', '40P01'])
/** SQLSTATEs of two transactions that created the same table at once. */
export const CREATED_TWICE = new Set(['23505', '42P07', '42710'])
/** The SQLSTATE of a statement that did not get a lock in time. */
export const LOCKED = new Set(['55P03'])
/** SQLSTATEs of a connection that ended, or of a transaction whose outcome the server does not know. */
const OUTCOME_UNKNOWN = /^(08|57P0|40003)/
/** How many times a transaction is tried; and how many times if operators' actions keep fencing its writer. */
const MAX_TRIES = 10
const MAX_TRIES_FENCED = 50

/** The row of a batch's writer is missing or fenced, so nothing of the batch was stored. */
export class WriterGone extends Error {}

/** The database cannot be used. Its message says why and what to do, as the end of a sentence that names the database. */
export class WrongDatabase extends Error {}

function stateOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  // Node's own errors have codes too, such as EPIPE.
  return typeof code === 'string' && /^(\d\d|F0|HV|P0|XX)[0-9A-Z]{3}$/.test(code) ? code : ''
}

/** Whether a transaction that failed with this error may have been committed. */
export function mayHaveCommitted(error: unknown): boolean {
  const state = stateOf(error)
  return !(error instanceof WriterGone) && (state === '' || OUTCOME_UNKNOWN.test(state))
}

/** Messages of the driver's errors without a code, after a timeout, a lost connection or a failed sign-in. */
const LOST = /timeout|terminated|not queryable|connection|^SASL/i
/** The driver's message if the server asks for a password and there is none. */
const NO_PASSWORD = /^SASL: .*client password must be/

/** Codes of errors of Node, Fastify and SQLite. Codes of the server, the network and TLS have no form in common. */
const OTHER_CODES = /^((FST_)?ERR_|SQLITE_)/

/** Whether the cause of an error is the database, its server or the network, and not a fault of this program. */
export function isOfDatabase(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? !OTHER_CODES.test(code) : LOST.test(String(message))
}

/**
 * Runs a transaction, and runs it again if it failed for a temporary reason.
 * @param temporary further SQLSTATEs that count as temporary
 */
export async function retrying<Result>(
  run: () => Promise<Result>,
  temporary: ReadonlySet<string> = new Set(),
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await run()
    } catch (error) {
      const state = stateOf(error)
      const isFenced = error instanceof WriterGone
      if (!isFenced && !BLOCKED.has(state) && !temporary.has(state)) throw error
      if (tries >= (isFenced ? MAX_TRIES_FENCED : MAX_TRIES)) throw error
      // Registering waits for the action that has fenced the writer.
      if (!isFenced) await pause(Math.random() * 2 ** tries)
    }
  }
}

const WHERE = 'DATABASE_URL says where it is, and as which user'

/** What to do about a failure, by its SQLSTATE. */
const ADVICE: Record<string, string> = {
  '28P01': WHERE,
  '28000': WHERE,
  '3D000': `make it, or name another one: ${WHERE}`,
  '42501': 'the user of DATABASE_URL must be able to make tables there',
  '42P07':
    'another program has a table of that name there; let DATABASE_URL name a database of its own',
  '53300': `a service needs ${CONNECTIONS} connections: raise the limit of the role, the database or the server (CONNECTION LIMIT, max_connections), or stop what else uses them`,
  '53100': 'make room on its disk',
  '55P03': 'another process holds its tables; start again when that is done',
  '57014': 'another process may hold its tables; start again when that is done',
}

/** What a failure of the database means, and what to do; null for other failures. */
export function explainFailure(error: unknown): string | null {
  if (error instanceof WrongDatabase) return error.message
  // An error with a path concerns a file.
  if (!isOfDatabase(error) || (error as NodeJS.ErrnoException).path !== undefined) return null
  const { code = '', message } = error as Error & { code?: string }
  if (NO_PASSWORD.test(message)) return 'its server asks for a password; write it into DATABASE_URL'
  return `${message || code}; ${ADVICE[code] ?? WHERE}`
}
