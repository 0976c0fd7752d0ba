import type { Administration, Versions } from '../../../admin.ts'
import type { UncountedQueue } from '../../batch.ts'
import type { Connection } from '../connection.ts'
import type { Database } from '../open.ts'
import { addEntries, auditReader } from './audit.ts'
import { type ChangerParts, pageChanger } from './changes.ts'
import { pageReader } from './pages.ts'
import { ruleTable } from './rules.ts'
import { secretTable } from './secrets.ts'

interface AdministrationParts extends ChangerParts {
  slowLink: Connection
  db: Database
  uncounted: UncountedQueue
}

/** The administration of a PostgreSQL database. */
export function administration(parts: AdministrationParts): Administration {
  const { link, slowLink, db, transactions, uncounted } = parts
  const { change, purgeRemoved } = pageChanger(parts)
  return {
    async change(...parameters) {
      // Visits that did not count are a part of the pages as they were before.
      await uncounted.write()
      return change(...parameters)
    },
    purgeRemoved,
    async versions() {
      const [versions] = await link.rows<Versions>(['readVersions'])
      return versions as Versions
    },
    ...pageReader(slowLink, db),
    ...ruleTable(link, transactions),
    ...secretTable(link, transactions),
    audit: auditReader(slowLink),
    record: ({ page: key, action, before, after, ...deed }) =>
      transactions.run(deed.at, (client) =>
        addEntries(client, deed, [{ action, key, before, after }]),
      ),
  }
}
