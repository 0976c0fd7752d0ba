import { CompiledQuery } from 'kysely'
import { slicesOf } from '../slices.ts'
import { FILL_HOSTS } from './host-queries.ts'
import type { Database } from './open.ts'

/** Hosts whose counters are filled at a time, because each statement has a time limit. */
const SLICE_HOSTS = 2000

/** Fills the counters of hosts, which must be empty, from their pages. The journal must be empty, too. */
export async function fillHosts(db: Database, names: Iterable<string>): Promise<void> {
  for (const slice of slicesOf(names, SLICE_HOSTS))
    for (const fill of FILL_HOSTS) await db.executeQuery(CompiledQuery.raw(fill, [slice]))
}
