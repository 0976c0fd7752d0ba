import type { Database } from 'better-sqlite3'
import type { Administration, Deed, Rule } from '../../../admin.ts'
import { changedRules, ENDED_RULES, endOfRules, noSuchEntry } from '../../changes.ts'
import type { HitTable } from '../hits.ts'
import { auditWriter } from './audit.ts'
import { ADMIN_QUERIES } from './queries.ts'

type Content = Pick<Rule, 'kind' | 'pattern' | 'replacement'>

/** The rules of `Administration`. */
export function ruleTable(driver: Database, hits: HitTable) {
  const readVersion = driver.prepare<[], { rules: number }>(ADMIN_QUERIES.readVersions)
  const raiseVersion = driver.prepare<[]>(ADMIN_QUERIES.raiseRulesVersion)
  const read = driver.prepare<[number], Rule>(ADMIN_QUERIES.readRules)
  const add = driver.prepare(ADMIN_QUERIES.addRule)
  const remove = driver.prepare<[number], Content>(ADMIN_QUERIES.removeRule)
  const removeEnded = driver.prepare<[number, number], Content & { id: number }>(
    ADMIN_QUERIES.removeEndedRules,
  )
  const audit = auditWriter(driver)

  const versionNow = () => readVersion.get()?.rules ?? 0

  return {
    rules: (now: number) => hits.reading(() => ({ version: versionNow(), rules: read.all(now) })),

    addRules: (...[rules, ifVersion]: Parameters<Administration['addRules']>): Rule[] =>
      hits.writing(() => {
        const isChanged = ifVersion !== undefined && ifVersion !== versionNow()
        if (isChanged) throw changedRules()
        if (rules.length > 0) raiseVersion.run()
        return rules.map((rule) => {
          const { kind, pattern, replacement, endsAt, actor, reason, at } = rule
          const row = add.run(kind, pattern, replacement, endsAt, actor, reason, at)
          const id = Number(row.lastInsertRowid)
          const after = { id, kind, pattern, replacement, endsAt }
          audit(rule, { action: 'add-rule', before: null, after })
          return { id, kind, pattern, replacement, endsAt, actor, reason, at }
        })
      }),

    removeRules: (ids: readonly number[], deed: Deed): void =>
      hits.writing(() => {
        if (ids.length > 0) raiseVersion.run()
        for (const id of ids) {
          const rule = remove.get(id)
          if (rule === undefined) throw noSuchEntry(`There is no entry ${id} in the lists.`)
          audit(deed, { action: 'remove-rule', before: { id, ...rule }, after: null })
        }
      }),

    /** The version stays, because the same rules hold as before. */
    sweepRules: (before: number, now: number): number =>
      hits.writing(() => {
        const rules = removeEnded.all(before, ENDED_RULES)
        for (const rule of rules)
          audit(endOfRules(before, now), { action: 'remove-rule', before: rule, after: null })
        return rules.length
      }),
  }
}
