import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Rule } from './admin.ts'
import { Refusal } from './refusal.ts'
import { CHECKS } from './rule-kinds.ts'
import { entriesOf, type RuleSettings } from './rules.ts'
import { inSlices } from './slices.ts'
import { writeTime } from './time.ts'

/** Rules that operators may have in all, and characters of all together. The schema bounds those of one. */
const MAX_RULES = 10_000
const MAX_CHARACTERS = 1_000_000

/** A rule that is not kept yet. */
export type NewRule = Pick<Rule, 'kind' | 'pattern' | 'replacement' | 'endsAt'>

export interface RuleContext {
  settings: RuleSettings
  /** The rules that hold already. */
  rules: readonly Rule[]
  /** The address from which the operator adds them; null if that is not known. */
  address: string | null
  /** The address of the proxy that has handed the operator's request on; missing if there is none. */
  proxy?: string | undefined
  now: number
}

/**
 * Checks rules before they are kept: each by itself, then all together with those that hold already. Resolves with what the
 * operator has to confirm, a sentence each; empty if there is nothing. Rejects with Refusal `bad_rule`, whose sentence says what
 * is wrong.
 */
export async function checkRules(
  added: readonly NewRule[],
  context: RuleContext,
): Promise<string[]> {
  const { settings, rules, now } = context
  if (added.length + rules.length > MAX_RULES) {
    throw badRule(
      `There may be ${MAX_RULES.toLocaleString('en')} entries in all, and there are ${rules.length.toLocaleString('en')} already`,
    )
  }
  const questions: string[] = []
  for await (const rule of inSlices(added)) {
    const question = checkRule(rule, context)
    if (question !== null) questions.push(question)
  }
  questions.push(...askOfDuplicates(added, rules))
  const fresh = added.map((rule) => ({ ...rule, id: 0, actor: '', reason: '', at: now }))
  const all = [...rules, ...fresh]
  const characters = all.reduce(
    (sum, { pattern, replacement }) => sum + pattern.length + replacement.length,
    0,
  )
  if (characters > MAX_CHARACTERS) {
    throw badRule(`All entries together may have ${MAX_CHARACTERS.toLocaleString('en')} characters`)
  }
  const kinds = new Set(added.map(({ kind }) => kind))
  const entries = entriesOf(settings, all)
  for (const kind of kinds) {
    await nextTurn()
    try {
      await CHECKS[kind].together(entries[kind], settings)
    } catch (error) {
      throw asRefusal(error)
    }
  }
  const before = entriesOf(settings, rules)['allow-page'].length
  if (kinds.has('allow-page') && before === 0) {
    questions.push(
      'Until now every page is allowed. From then on, every page that is not on the list of allowed pages is refused.',
    )
  }
  return questions
}

/** What has to be confirmed of rules that hold already. */
function askOfDuplicates(added: readonly NewRule[], rules: readonly Rule[]): string[] {
  const keyOf = ({ kind, pattern, replacement }: NewRule) => `${kind} ${pattern} ${replacement}`
  const held = new Map(rules.map((rule) => [keyOf(rule), rule]))
  return added.flatMap((rule) => {
    const same = held.get(keyOf(rule))
    if (same === undefined) return []
    const until = same.endsAt === null ? 'without an end' : `until ${writeTime(same.endsAt)}`
    return [`${rule.pattern.slice(0, 100)} is on the list already, ${until}. Add it again?`]
  })
}

/**
 * Checks what the schema does not.
 * @returns what has to be confirmed; null if there is nothing
 * @throws Refusal `bad_rule`
 */
function checkRule(rule: NewRule, context: RuleContext): string | null {
  const { kind, pattern, replacement, endsAt } = rule
  try {
    if (pattern !== pattern.trim()) throw new Error('it begins or ends with a space')
    if (kind !== 'page-rule' && replacement !== '')
      throw new Error('only a page rule says what something becomes')
    if (endsAt !== null && endsAt <= context.now)
      throw new Error('it would have ended already; give a later time')
    return CHECKS[kind].alone(rule, context)
  } catch (error) {
    throw asRefusal(error, pattern)
  }
}

/** A check's error as a refusal. The pattern is named, since it may be one of many. Other errors stay what they are. */
function asRefusal(error: unknown, pattern = ''): unknown {
  if (!(error instanceof Error) || error.name !== 'Error') return error
  const { message } = error
  const isNamed = message.includes(pattern)
  return badRule(
    isNamed ? message : `${JSON.stringify(pattern)} cannot be an entry: ${message}`,
    error,
  )
}

/** @param sentence without its full stop */
function badRule(sentence: string, cause?: unknown): Refusal {
  return new Refusal(
    'bad_rule',
    'bad entry',
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`,
    { cause },
  )
}
