import type { Settings } from '../../config.ts'
import type { Rule } from '../admin.ts'
import { administer } from './administration.ts'
import { type Output, quoted } from './usage.ts'

type Printing = Pick<Output, 'print'>
interface JsonOption {
  json?: true
}

/** `rule list`: prints all entries of the lists that operators have added. @throws CommandFailure */
export async function runRuleList(
  { json }: JsonOption,
  settings: Settings,
  now: number,
  { print }: Printing,
): Promise<void> {
  const { rules } = await administer(settings, 'Cannot read', now, (admin) => admin.rules(now))
  if (json) return print(JSON.stringify(rules.map(shown)))
  if (rules.length === 0) return print('Operators have added no entries to the lists.')
  for (const { id, kind, pattern, replacement, endsAt, actor, reason, at } of rules) {
    const becomes = replacement === '' ? '' : ` becomes ${quoted(replacement)}`
    const ends = endsAt === null ? '' : `, ends ${time(endsAt)}`
    const why = reason === '' ? '' : `, ${quoted(reason)}`
    print(
      `${id}  ${kind}  ${quoted(pattern)}${becomes}  added ${time(at)} by ${quoted(actor)}${ends}${why}`,
    )
  }
}

/** `rule remove`: removes an entry. A service that runs learns of it within two seconds. @throws CommandFailure */
export async function runRuleRemove(
  { id, json }: { id: number } & JsonOption,
  settings: Settings,
  now: number,
  { print }: Printing,
): Promise<void> {
  await administer(settings, 'Cannot change', now, (admin, deed) => admin.removeRules([id], deed))
  print(
    json
      ? JSON.stringify({ removed: id })
      : `The entry ${id} is removed. Every service of this database knows it within two seconds.`,
  )
}

const time = (at: number) => new Date(at).toISOString()

const shown = ({ at, endsAt, ...rule }: Rule) => ({
  ...rule,
  at: time(at),
  endsAt: endsAt === null ? null : time(endsAt),
})
