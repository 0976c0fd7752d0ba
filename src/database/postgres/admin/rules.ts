import type { Rule, RuleLists, Versions } from '../../../admin.ts'
import { changedRules, ENDED_RULES, endOfRules, noSuchRule } from '../../administration.ts'
import { all, type Connection, rows, run } from '../connection.ts'
import { list } from '../pages.ts'
import type { Transactions } from '../transaction.ts'
import { addEntries, storable } from './audit.ts'

type Removed = Pick<Rule, 'id' | 'kind' | 'pattern' | 'replacement'>

/** The rules of `Administration`. */
export function ruleTable(link: Connection, transactions: Transactions): RuleLists {
  return {
    async rules(now) {
      // First the version: rules that are added in between are read again.
      const reads = [
        link.rows<Versions>(['readVersions']),
        link.rows<Rule>(['readRules', now]),
      ] as const
      const [[versions], rules] = await Promise.all(reads)
      return { version: versions?.rules ?? 0, rules }
    },

    async addRules(rules, ifVersion) {
      if (rules.length === 0) return []
      return transactions.run(rules[0]?.at ?? 0, async (client) => {
        const [ids = [], [version = []] = []] = await all([
          run(client, [
            'addRules',
            rules.map(({ kind }) => kind),
            rules.map(({ pattern }) => storable(pattern)),
            rules.map(({ replacement }) => storable(replacement)),
            list(rules.map(({ endsAt }) => endsAt ?? 'null')),
            rules.map(({ actor }) => storable(actor)),
            rules.map(({ reason }) => storable(reason)),
            list(rules.map(({ at }) => at)),
          ]),
          run(client, ['raiseVersion', 'rules', 1]),
        ])
        // Whoever raises the version has locked it until the end of the transaction.
        const isChanged = ifVersion !== undefined && Number(version[0]) - 1 !== ifVersion
        if (isChanged) throw changedRules()
        const added = rules.map((rule, index) => ({ ...rule, id: Number(ids[index]?.[0]) }))
        const deedOf = ({ actor, reason, at }: Rule) => JSON.stringify({ actor, reason, at })
        for (const [deed, ofDeed] of Map.groupBy(added, deedOf)) {
          const entries = ofDeed.map(({ actor, reason, at, ...after }) => {
            return { action: 'add-rule', before: null, after }
          })
          await addEntries(client, JSON.parse(deed), entries)
        }
        return added
      })
    },

    async removeRules(ids, deed) {
      if (ids.length === 0) return
      await transactions.run(deed.at, async (client) => {
        const removed = await rows<Removed>(client, ['removeRules', list(ids)])
        await run(client, ['raiseVersion', 'rules', 1])
        const rules = new Map(removed.map((rule) => [rule.id, rule]))
        const entries = ids.map((id) => {
          const rule = rules.get(id)
          if (rule === undefined) throw noSuchRule(id)
          return { action: 'remove-rule', before: rule, after: null }
        })
        await addEntries(client, deed, entries)
      })
    },

    /** The version stays, because the same rules hold as before. */
    sweepRules: (before, now) =>
      transactions.run(now, async (client) => {
        const removed = await rows<Removed>(client, ['removeEndedRules', before, ENDED_RULES])
        const entries = removed.map((rule) => ({
          action: 'remove-rule',
          before: rule,
          after: null,
        }))
        await addEntries(client, endOfRules(before, now), entries)
        return removed.length
      }),
  }
}
