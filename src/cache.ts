/** How full the cache is after a trim. To remove one entry at a time is slow: a Map skips removed entries one by one. */
const KEPT_AFTER_TRIM = 0.9
/** Bytes of an entry besides its name and value: the Map's entry, the header of the name's string, and `Entry`. */
const ENTRY_BYTES = 120

interface Entry<Value> {
  value: Value
  bytes: number
}

/**
 * Values by names that strangers choose, bounded by the bytes of names and values. When the cache is full, the oldest
 * entries are removed. A flood of new names can therefore remove useful entries, which are then calculated again.
 */
export class Cache<Value, Name extends string = string> {
  readonly #entries = new Map<Name, Entry<Value>>()
  readonly #maxBytes: number
  readonly #bytesOf: (value: Value) => number
  #bytes = 0

  /**
   * @param bytesOf the bytes of a value. Strings in a value have to be copied, see `copyText`
   */
  constructor(maxBytes: number, bytesOf: (value: Value) => number) {
    this.#maxBytes = maxBytes
    this.#bytesOf = bytesOf
  }

  get bytes(): number {
    return this.#bytes
  }

  get(name: Name): Value | undefined {
    return this.#entries.get(name)?.value
  }

  /** Adds or replaces an entry, then trims. */
  set(name: Name, value: Value): void {
    this.add(name, value)
    this.trim()
  }

  /** Adds or replaces an entry without trimming, so that no entry is removed before the next `trim`. */
  add(name: Name, value: Value): void {
    const known = this.#entries.get(name)
    const bytes = sizeOfText(name) + ENTRY_BYTES + this.#bytesOf(value)
    this.#bytes += bytes - (known?.bytes ?? 0)
    if (known) Object.assign(known, { value, bytes })
    else this.#entries.set(copyText(name), { value, bytes })
  }

  delete(name: Name): void {
    this.#bytes -= this.#entries.get(name)?.bytes ?? 0
    this.#entries.delete(name)
  }

  /** If there are too many bytes, removes the oldest entries until nine tenths are left. */
  trim(): void {
    if (this.#bytes <= this.#maxBytes) return
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes * KEPT_AFTER_TRIM) break
      this.#entries.delete(oldest)
      this.#bytes -= bytes
    }
  }

  clear(): void {
    this.#entries.clear()
    this.#bytes = 0
  }
}

/** From this length on, V8 stores a substring as a reference to the whole string, which then stays in memory. */
const MIN_VIEW = 13

const isLatin = (text: string) => !/[^\0-\xff]/.test(text)

/** A copy of a text in its own memory. Text that was cut from a request line would keep the whole line, up to 16 kB. */
export function copyText<Text extends string>(text: Text): Text {
  if (text.length < MIN_VIEW) return text
  const encoding = isLatin(text) ? 'latin1' : 'utf16le'
  return Buffer.from(text, encoding).toString(encoding) as Text
}

/** Bytes of a text without its header: V8 stores it with one byte a character if possible, else with two. */
function sizeOfText(text: string): number {
  return isLatin(text) ? text.length : 2 * text.length
}
