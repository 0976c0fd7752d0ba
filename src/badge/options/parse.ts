import { parsePair, splitList } from './color.ts'
import { MAX_AFFIX, MAX_LABEL, MAX_STEPS, type Step } from './options.ts'

// Of the control characters XML 1.0 allows three, and a badge is one line.
const ILLEGAL = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/

/** The label, trimmed, letters and their accents as one (NFC); null where it is too long or holds what XML cannot. */
export function parseLabel(value: string): string | null {
  return parseText(value.trim(), MAX_LABEL)
}

export function parseAffix(value: string): string | null {
  return parseText(value, MAX_AFFIX)
}

/**
 * One UTF-16 code unit of NFC stands for at most so many that are equivalent to it
 * (https://unicode.org/faq/normalization.html#12). A longer text is not normalised: for 5,000 accents on one letter,
 * `normalize` takes 67 ms, the square of their number.
 */
const MAX_EXPANSION = 4

function parseText(value: string, most: number): string | null {
  if (value.length > MAX_EXPANSION * most) return null
  const text = value.normalize()
  return text.length <= most && text.isWellFormed() && !ILLEGAL.test(text) ? text : null
}

export function parseSteps(value: string): Step[] | null {
  const steps: Step[] = []
  const items = splitList(value)
  if (items.length > MAX_STEPS) return null
  for (const item of items) {
    const [, from, name = ''] = /^\s*(\d{1,15})\s*:(.*)$/s.exec(item) ?? []
    const color = parsePair(name)
    if (from === undefined || color === null) return null
    steps.push({ from: Number(from), color })
  }
  return steps.sort((a, b) => a.from - b.from)
}

const PERIOD =
  /^(total|today|yesterday|24h|7d|30d|90d|365d|(last-)?(week|month)|year|\d{4}(-\d\d(-\d\d)?)?)$/

/** Two days with a hyphen between them. */
const LONGEST_SHOW = '2026-11-20-2026-11-21'.length

/** Periods hold hyphens too, so the longest first period that leaves a second is it. Whether a date exists, the calendar knows. */
export function parseShow(value: string): string[] | null {
  if (value.length > LONGEST_SHOW) return null
  if (PERIOD.test(value)) return [value]
  for (let at = value.lastIndexOf('-'); at > 0; at = value.lastIndexOf('-', at - 1)) {
    const periods = [value.slice(0, at), value.slice(at + 1)]
    if (periods.every((period) => PERIOD.test(period))) return periods
  }
  return null
}

export function parseSwitch(value: string): boolean | null {
  if (/^(1|true|yes|on)$/i.test(value)) return true
  return /^(0|false|no|off)$/i.test(value) ? false : null
}

export function number(least: number, most: number) {
  return (value: string): number | null => {
    const given = /^\d{1,4}(\.\d{1,4})?$/.test(value) ? Number(value) : Number.NaN
    return given >= least && given <= most ? given : null
  }
}

export function whole(least: number, most: number) {
  return (value: string): number | null => {
    const given = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    return given >= least && given <= most ? given : null
  }
}

export function oneOf<Choice extends string>(choices: readonly Choice[]) {
  return (value: string): Choice | null => choices.find((choice) => choice === value) ?? null
}
