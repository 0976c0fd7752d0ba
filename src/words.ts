/** The shortest word that is found by its beginning; shorter ones are searched for one by one. */
const BEGINNING = 3
const BEGINNINGS = 1 << 16

/**
 * Values by words, to be found in a text without trying each word. A search takes as many steps as the text has characters, and
 * at each of them at most the logarithm of the number of words.
 *
 * The words are sorted. Of those with which a text begins, the longest is the last word that is not greater than the text, or one
 * with which that word begins: all words between a word and a text that begins with it begin with it too.
 */
export class WordMap<Value> {
  /** Sorted. */
  readonly words: readonly string[]
  readonly #values: readonly Value[]
  /** For each word, the place of the longest other word with which it begins; -1 if there is none. */
  readonly #shorter: Int32Array
  /** Whether a word may begin with some characters, by their hash. */
  readonly #beginnings = new Uint8Array(BEGINNINGS)
  readonly #short: readonly number[]

  constructor(entries: Iterable<readonly [word: string, value: Value]>) {
    const sorted = [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1))
    this.words = sorted.map(([word]) => word)
    this.#values = sorted.map(([, value]) => value)
    this.#shorter = new Int32Array(sorted.length)
    let last = -1
    for (const [place, word] of this.words.entries()) {
      this.#shorter[place] = this.#beginningOf(word, last)
      last = place
      if (word.length >= BEGINNING) this.#beginnings[hashAt(word, 0)] = 1
    }
    this.#short = this.words.flatMap(({ length }, place) => (length < BEGINNING ? [place] : []))
  }

  /** The values of all words with which a text begins, those of longer words first. */
  beginning(text: string): Value[] {
    const values: Value[] = []
    let place = this.#beginningOf(text, this.#lastUpTo(text))
    for (; place >= 0; place = this.#shorter[place] as number)
      values.push(this.#values[place] as Value)
    return values
  }

  /** The value of a word that is in a text; undefined if none is. */
  first(text: string): Value | undefined {
    for (const place of this.#in(text)) return this.#values[place]
    return undefined
  }

  /** The values of all words that are in a text. */
  all(text: string): Value[] {
    const found = new Set<number>()
    for (let place of this.#in(text)) {
      for (; place >= 0 && !found.has(place); place = this.#shorter[place] as number)
        found.add(place)
    }
    return [...found].map((place) => this.#values[place] as Value)
  }

  /** The longest word at each place of a text, and those that are too short to be found so. */
  *#in(text: string): Generator<number> {
    for (const place of this.#short) if (text.includes(this.words[place] as string)) yield place
    if (this.#short.length === this.words.length) return
    for (let at = 0; at + BEGINNING <= text.length; at++) {
      if (this.#beginnings[hashAt(text, at)] === 0) continue
      const rest = text.slice(at)
      const place = this.#beginningOf(rest, this.#lastUpTo(rest))
      if (place >= 0) yield place
    }
  }

  /** The place of the last word that is not greater than a text; -1 if there is none. */
  #lastUpTo(text: string): number {
    let from = 0
    let to = this.words.length
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.words[middle] as string) <= text) from = middle + 1
      else to = middle
    }
    return from - 1
  }

  /** The longest word with which a text begins, of a word and those with which that begins; -1 if there is none. */
  #beginningOf(text: string, place: number): number {
    const word = this.words[place] ?? ''
    let same = 0
    while (same < word.length && word[same] === text[same]) same += 1
    let at = place
    while (at >= 0 && this.#lengthOf(at) > same) at = this.#shorter[at] as number
    return at
  }

  #lengthOf(place: number): number {
    return (this.words[place] as string).length
  }
}

function hashAt(text: string, at: number): number {
  const pair = text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31
  return (pair + text.charCodeAt(at + 2)) % BEGINNINGS
}
