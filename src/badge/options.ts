import { parseColor } from './color.ts'

export const STYLES = ['flat', 'flat-square', 'plastic', 'for-the-badge', 'social'] as const
export type Style = (typeof STYLES)[number]

/** The longest label, in UTF-16 code units. */
export const MAX_LABEL = 80

/** How a badge looks, all of it checked. Colours are as badge-maker takes them. */
export interface BadgeOptions {
  /** The left side; empty for none. */
  label: string
  /** The right side's colour. */
  color: string
  /** The left side's colour; null for badge-maker's own. */
  labelColor: string | null
  style: Style
}

/** An option that is not as it should be: its name, and a sentence that says what is wanted. */
export interface Problem {
  option: keyof BadgeOptions
  sentence: string
}

const READERS: {
  [Name in keyof BadgeOptions]: { read(value: string): BadgeOptions[Name] | null; wanted: string }
} = {
  label: { read: parseLabel, wanted: `text of at most ${MAX_LABEL} characters` },
  color: { read: parseColor, wanted: 'a colour, such as 4c1, orange or rgb(0,128,255)' },
  labelColor: { read: parseColor, wanted: 'a colour, such as 4c1, orange or rgb(0,128,255)' },
  style: {
    read: (value) => STYLES.find((style) => style === value) ?? null,
    wanted: `one of ${STYLES.join(', ')}`,
  },
}

const ENTRIES = Object.entries(READERS)

/**
 * Reads a badge's options from a parsed query. What is missing, and what is wrong, is as in `defaults`; the
 * first wrong one is returned as the problem, so that its refusal can be drawn with those that were right.
 * An empty label is a label; any other option that is empty counts as missing.
 */
export function readOptions(
  query: Readonly<Record<string, unknown>>,
  defaults: BadgeOptions,
): { options: BadgeOptions; problem: Problem | null } {
  let options: Record<string, unknown> | null = null
  let problem: Problem | null = null
  for (const [name, { read, wanted }] of ENTRIES) {
    const value = query[name]
    if (value === undefined || (value === '' && name !== 'label')) continue
    options ??= { ...defaults }
    const parsed = typeof value === 'string' ? read(value) : null
    if (parsed === null) {
      problem ??= { option: name as keyof BadgeOptions, sentence: `${name} must be ${wanted}.` }
    } else {
      options[name] = parsed
    }
  }
  return { options: (options ?? defaults) as BadgeOptions, problem }
}

/** The label, trimmed; null where it is too long or holds what XML cannot. */
export function parseLabel(value: string): string | null {
  const label = value.trim()
  // Of the control characters XML 1.0 allows three, and a badge is one line.
  const illegal = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/
  return label.length <= MAX_LABEL && label.isWellFormed() && !illegal.test(label) ? label : null
}
