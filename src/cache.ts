/** Removing entries one at a time is slow: a Map keeps the places of removed entries for a while, and passes over them. */
const KEPT_AFTER_TRIM = 0.9
/** What a Map's entry, its name's header and an entry of ours take, in bytes. */
const ENTRY_BYTES = 120

interface Entry<Value> {
  value: Value
  bytes: number
}

/**
 * Values by names that strangers choose, bounded by the bytes that names and values take; the oldest make room. A flood
 * of new names therefore pushes useful entries out, which are then worked out again.
 */
export class Cache<Value, Name extends string = string> {
  readonly #entries = new Map<Name, Entry<Value>>()
  readonly #maxBytes: number
  readonly #bytesOf: (value: Value) => number
  #bytes = 0

  /**
   * @param bytesOf what a value takes, in bytes. Strings in a value have to be copied, see `copyText`
   */
  constructor(maxBytes: number, bytesOf: (value: Value) => number) {
    this.#maxBytes = maxBytes
    this.#bytesOf = bytesOf
  }

  get size(): number {
    return this.#entries.size
  }

  get(name: Name): Value | undefined {
    return this.#entries.get(name)?.value
  }

  /** Adds or replaces an entry, and makes room for it. */
  set(name: Name, value: Value): void {
    this.add(name, value)
    this.trim()
  }

  /** Adds or replaces an entry, which stays until the next `trim` at least. */
  add(name: Name, value: Value): void {
    const known = this.#entries.get(name)
    const bytes = sizeOfText(name) + ENTRY_BYTES + this.#bytesOf(value)
    this.#bytes += bytes - (known?.bytes ?? 0)
    if (known) Object.assign(known, { value, bytes })
    else this.#entries.set(copyText(name), { value, bytes })
  }

  /** Where there are too many bytes, removes the oldest entries, down to nine tenths. */
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

/** V8 copies a part of a string that is shorter than this; a longer one is a view that keeps the whole string in memory. */
const MIN_VIEW = 13

const isLatin = (text: string) => !/[^\0-\xff]/.test(text)

/** The same text in memory of its own. A text that was cut from a request line keeps the whole line, some 16 kB. */
export function copyText<Text extends string>(text: Text): Text {
  if (text.length < MIN_VIEW) return text
  const encoding = isLatin(text) ? 'latin1' : 'utf16le'
  return Buffer.from(text, encoding).toString(encoding) as Text
}

/** What a text takes, in bytes, without its header: V8 writes it in one byte a character where that is enough. */
function sizeOfText(text: string): number {
  return isLatin(text) ? text.length : 2 * text.length
}
