import { isOfDatabase } from './failures.ts'

/** Connections that a service needs at most to the database that is written to; see `openPostgresStore`. */
export const CONNECTIONS = 7

/** Why a database cannot be used, and what to do, as the end of a sentence that names it. */
export class WrongDatabase extends Error {}

const WHERE = 'DATABASE_URL says where it is, and as which user'

/** What to do, by the state that the server reports or the code of the network's failure. */
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

/** What a failure of the database means, with what to do; null where the failure is none of the database. */
export function explainFailure(error: unknown): string | null {
  if (error instanceof WrongDatabase) return error.message
  // A file that cannot be read has a code too.
  if (!isOfDatabase(error) || (error as NodeJS.ErrnoException).path !== undefined) return null
  const { code = '', message } = error as Error & { code?: string }
  return `${message || code}; ${ADVICE[code] ?? WHERE}`
}
