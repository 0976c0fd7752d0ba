/** The shortest text by which a pattern is found. */
const MIN_LITERAL = 3

/** A repetition that allows for none, such as `*`, `?`, `{0,3}` or `*?`; and one that does not. */
const REPETITION = /^(?:([*?]|\{0+(?:,\d*)?\})|\+|\{\d+(?:,\d*)?\})\??/
/** Characters that stand for themselves. */
const PLAIN = /^[^\u0080-\uffff\\.^$|()[\]{}*+?]+/
/** Escapes that stand for no one character: classes and edges. */
const CLASS = /^\\[dDsSwWbB]/
const CHARACTER_CLASS = /^\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]/s

/**
 * Texts that are in everything that a pattern matches, whatever the case of letters: for each of its alternatives at the top
 * (`a|b`) a list of which all are there. Null if that cannot be said: then the pattern has to be tried on every text.
 */
export function requiredLiterals(pattern: string): string[][] | null {
  const alternatives: string[][] = [[]]
  let literal = ''
  const end = () => {
    if (literal.length >= MIN_LITERAL) alternatives.at(-1)?.push(literal.toLowerCase())
    literal = ''
  }
  // Flags at the beginning hold for the whole pattern, and only `i` changes what its texts are.
  let rest = pattern.replace(/^\(\?i\)/, '')
  while (rest !== '') {
    const atom = readAtom(rest)
    if (atom === null) return null
    rest = rest.slice(atom.length)
    const [repetition = '', none] = REPETITION.exec(rest) ?? []
    rest = rest.slice(repetition.length)
    if (atom.literal === null || none !== undefined) end()
    else literal += atom.literal
    if (repetition !== '') end()
    if (atom.isAlternative) alternatives.push([])
    // A second repetition, such as `a{2}{0}`, or half a pair of braces: not worth understanding.
    if (/^[*+?{}]/.test(rest)) return null
  }
  end()
  return alternatives.every((literals) => literals.length > 0) ? alternatives : null
}

interface Atom {
  length: number
  /** The text for which it stands; null for everything else. */
  literal: string | null
  isAlternative: boolean
}

/** The first part of a pattern; null if it is none that this function knows. */
function readAtom(pattern: string): Atom | null {
  const atom = (length: number, literal: string | null = null) => ({
    ...{ length, literal, isAlternative: false },
  })
  const [first = ''] = pattern
  if (first === '|') return { ...atom(1), isAlternative: true }
  if (/[.^$]/.test(first)) return atom(1)
  if (first === '(') {
    const length = groupLength(pattern)
    return length === null ? null : atom(length)
  }
  if (first === '[') {
    const [group] = CHARACTER_CLASS.exec(pattern) ?? []
    return group === undefined ? null : atom(group.length)
  }
  if (first === '\\') {
    if (CLASS.test(pattern)) return atom(2)
    return /^\\[^\w\s]/.test(pattern) ? atom(2, pattern[1]) : null
  }
  const [plain = ''] = PLAIN.exec(pattern) ?? []
  // A repetition is one of the last character alone.
  const isRepeated = plain.length > 1 && /[*+?{]/.test(pattern[plain.length] ?? '')
  const literal = isRepeated ? plain.slice(0, -1) : plain
  return literal === '' ? null : atom(literal.length, literal)
}

/** The length of a group in parentheses; null if it does not end, or sets flags for what follows. */
function groupLength(pattern: string): number | null {
  if (/^\(\?[a-zA-Z-]*\)/.test(pattern)) return null
  let depth = 0
  for (let at = 0; at < pattern.length; ) {
    const character = pattern[at]
    if (character === '\\') {
      if (/^\\[QE]/.test(pattern.slice(at, at + 2))) return null
      at += 2
      continue
    }
    if (character === '[') {
      const [group] = CHARACTER_CLASS.exec(pattern.slice(at)) ?? []
      if (group === undefined) return null
      at += group.length
      continue
    }
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    at += 1
    if (depth === 0) return at
  }
  return null
}
