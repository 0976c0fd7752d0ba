import type { Administration, Deed, Rule, RuleKind } from '../../../admin.ts'
import { changedRules, ENDED_RULES, endOfRules, noSuchEntry } from '../../changes.ts'
import { all, type Connection, type Row, run } from '../connection.ts'
import { list } from '../pages.ts'
import type { Transactions } from '../transaction.ts'
import { addEntries, entryOf, storable } from './audit.ts'

type Rules = Pick<Administration, 'versions' | 'rules' | 'addRules' | 'removeRules' | 'sweepRules'>

/** The versions and rules of `Administration`. */
export function ruleTable(link: Connection, transactions: Transactions): Rules {
  return {
    async versions() {
      const [[row = []] = []] = await link.run(['readVersions'])
      return { pages: Number(row[0]), rules: Number(row[1]) }
    },

    async rules(now) {
      // First the version: rules that are added in between are read again.
      const [[versions = []] = [], rows = []] = await link.run(['readVersions'], ['readRules', now])
      return { version: Number(versions[1]), rules: rows.map(ruleOf) }
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
        // One statement for each deed, which most calls have one of. One for each rule would take 10 s for 10,000 rules.
        const deeds = Map.groupBy(added, ({ actor, reason, at }) =>
          JSON.stringify({ actor, reason, at } satisfies Deed),
        )
        for (const [deed, ofDeed] of deeds) {
          const entries = ofDeed.map(({ actor, reason, at, ...content }) =>
            entryOf('add-rule', null, content),
          )
          await addEntries(client, JSON.parse(deed), entries)
        }
        return added
      })
    },

    async removeRules(ids, deed: Deed) {
      if (ids.length === 0) return
      await transactions.run(deed.at, async (client) => {
        const [removed = []] = await all([
          run(client, ['removeRules', list(ids)]),
          run(client, ['raiseVersion', 'rules', 1]),
        ])
        const rows = new Map(removed.map(([id, ...content]) => [id, content]))
        const entries = ids.map((id) => {
          const rule = rows.get(id)
          if (rule === undefined) throw noSuchEntry(`There is no entry ${id} in the lists.`)
          return removal([id, ...rule])
        })
        await addEntries(client, deed, entries)
      })
    },

    /** The version stays, because the same rules hold as before. */
    sweepRules: (before, now) =>
      transactions.run(now, async (client) => {
        const rows = await run(client, ['removeEndedRules', before, ENDED_RULES])
        await addEntries(client, endOfRules(before, now), rows.map(removal))
        return rows.length
      }),
  }
}

/** What is written about a rule that was removed. */
const removal = ([id, kind, pattern, replacement]: Row) =>
  entryOf('remove-rule', { id, kind, pattern, replacement }, null)

function ruleOf([id, kind, pattern, replacement, endsAt, actor, reason, at]: Row): Rule {
  return {
    id: Number(id),
    kind: kind as RuleKind,
    pattern: String(pattern),
    replacement: String(replacement),
    endsAt: endsAt as number | null,
    actor: String(actor),
    reason: String(reason),
    at: Number(at),
  }
}
