import type { Database } from 'better-sqlite3'
import type { AuditEntry } from '../../../admin.ts'
import type { Active } from '../active.ts'
import type { HitTable } from '../hits.ts'
import { auditWriter } from './audit.ts'
import { pageChanger } from './changes.ts'
import { administrationReader } from './reader.ts'
import { ruleTable } from './rules.ts'
import { secretTable } from './secrets.ts'

/** The methods of `Administration` that the writing thread runs. */
export function administrationWork(driver: Database, hits: HitTable, active: Active) {
  const audit = auditWriter(driver)
  return {
    ...administrationReader(driver, hits),
    ...pageChanger(driver, hits, active),
    ...ruleTable(driver, hits),
    ...secretTable(driver, hits),
    record: (entry: Omit<AuditEntry, 'id'>): void => hits.writing(() => audit(entry, entry)),
  }
}
