import { figure } from '../site/written.ts'
import type { Fault } from '../validate.ts'

/** Fields of forms as their labels name them. */
const NAMES: Readonly<Record<string, string>> = {
  hits: 'The number',
  to: 'The new address',
  into: 'The address of the other page',
  reason: 'The reason',
  name: 'The name',
  prefix: 'The address of the page',
  pattern: 'The entry',
  replacement: 'What the pages become',
}
/** What to do about a field that is missing or empty. */
const MISSING: Readonly<Record<string, string>> = {
  hits: 'Enter a number to set or to add.',
  to: 'Enter the new address.',
  into: 'Enter the address of the other page.',
  name: 'Enter a name.',
  prefix: 'Enter the address of a page.',
  pattern: 'Enter an entry.',
  hour: 'Choose an hour.',
  ids: 'Choose at least one entry.',
}

/** What is wrong with a field of a form, in the words of the form; null if no field that people fill in is wrong. */
export function sentenceOfField({ keyword, instancePath, params }: Fault): string | null {
  const [field = ''] = instancePath.split('/').filter(isName).slice(-1)
  if (keyword === 'required') return MISSING[String(params.missingProperty)] ?? null
  if (keyword === 'minLength' || keyword === 'minItems') return MISSING[field] ?? null
  const wrong = WRONG[keyword]?.(Number(params.limit))
  return wrong !== undefined && NAMES[field] ? `${NAMES[field]} ${wrong}.` : null
}

const isName = (part: string) => part !== '' && !/^\d+$/.test(part)

const WRONG: Readonly<Record<string, (limit: number) => string>> = {
  type: () => 'has to be a whole number, such as 1200',
  minimum: (limit) => `cannot be below ${figure(limit)}`,
  maximum: (limit) => `can be at most ${figure(limit)}`,
  maxLength: (limit) => `may have at most ${figure(limit)} characters`,
  pattern: () => 'has a character that cannot be kept',
}
