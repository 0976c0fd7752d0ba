import type { Rule, RuleLists } from '../../../admin.ts'
import type { Sync } from '../../../worker.ts'
import { changedRules, ENDED_RULES, endOfRules, noSuchRule } from '../../administration.ts'
import type { HitTable } from '../hits.ts'
import { addEntry } from './audit.ts'
import type { Statements } from './statements.ts'

type Removed = Pick<Rule, 'kind' | 'pattern' | 'replacement'>

/** The rules of `Administration`. */
export function ruleTable(sql: Statements, hits: HitTable): Sync<RuleLists> {
  return {
    rules: (now) =>
      hits.reading(() => ({
        version: sql.get<{ rules: number }>('readVersions')?.rules ?? 0,
        rules: sql.all<Rule>('readRules', now),
      })),

    addRules: (rules, ifVersion) =>
      hits.writing(() => {
        const version = sql.get<{ rules: number }>('readVersions')?.rules ?? 0
        if (ifVersion !== undefined && ifVersion !== version) throw changedRules()
        if (rules.length > 0) sql.run('raiseRulesVersion')
        return rules.map(({ kind, pattern, replacement, endsAt, ...deed }) => {
          const { actor, reason, at } = deed
          const values = [kind, pattern, replacement, endsAt, actor, reason, at]
          const id = Number(sql.run('addRule', ...values).lastInsertRowid)
          const after = { id, kind, pattern, replacement, endsAt }
          addEntry(sql, deed, { action: 'add-rule', before: null, after })
          return { ...after, actor, reason, at }
        })
      }),

    removeRules: (ids, deed) =>
      hits.writing(() => {
        if (ids.length > 0) sql.run('raiseRulesVersion')
        for (const id of ids) {
          const rule = sql.get<Removed>('removeRule', id)
          if (rule === undefined) throw noSuchRule(id)
          addEntry(sql, deed, { action: 'remove-rule', before: { id, ...rule }, after: null })
        }
      }),

    /** The version stays, because the same rules hold as before. */
    sweepRules: (before, now) =>
      hits.writing(() => {
        const rules = sql.all<Removed & { id: number }>('removeEndedRules', before, ENDED_RULES)
        for (const rule of rules) {
          const entry = { action: 'remove-rule', before: rule, after: null }
          addEntry(sql, endOfRules(before, now), entry)
        }
        return rules.length
      }),
  }
}
