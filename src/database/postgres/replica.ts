import type { Reader } from '../../store.ts'
import type { Connection } from './connection.ts'
import type { Pages } from './pages.ts'

interface ReplicaParts {
  /** Connected to the replica. */
  link: Connection
  reader: Reader
  /** Reads from the database itself. */
  primary: Reader
  pages: Pages
}

/**
 * Reads from a replica. While that lags behind an operator's action that has changed what addresses mean, the database
 * itself is read: a removed page must not be shown for as long as a replica lags.
 */
export function replicaReader({ link, reader, primary, pages }: ReplicaParts) {
  let removals = Number.MAX_SAFE_INTEGER
  let isLooking = false
  const now = () => (removals < (pages.removals ?? 0) ? primary : reader)
  const fresh: Reader = {
    readPage: (...query) => now().readPage(...query),
    sums: (...query) => now().sums(...query),
    history: (...query) => now().history(...query),
    active: (...query) => now().active(...query),
    activePages: (...query) => now().activePages(...query),
    resolve: (...query) => now().resolve(...query),
    top: (query) => now().top(query),
    seen: (page) => now().seen(page),
    pages: (query) => now().pages(query),
    hosts: (query) => now().hosts(query),
  }
  return {
    reader: fresh,
    /** Looks how far the replica is; nobody waits for it, because it may be away. */
    look(): void {
      if (isLooking) return
      isLooking = true
      link
        .run(['removals'])
        .then(([rows = []]) => {
          removals = Number(rows[0]?.[0] ?? 0)
        })
        .catch(() => {})
        .finally(() => {
          isLooking = false
        })
    },
  }
}
