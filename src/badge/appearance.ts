import { Cache, copyText } from '../cache.ts'
import { type BadgeOptions, DEFAULTS, OPTIONS_OF } from './options/options.ts'
import type { Option, Schema } from './options/schema.ts'
import type { Theme } from './style/theme.ts'
import type { CompiledSvg } from './svg.ts'

/** How a badge looks: the options of a tag, and the drawings that were compiled for them. */
export interface Appearance {
  options: BadgeOptions
  theme: Theme
  /** The options as the tag wrote them; null if one of them was wrong. */
  name: string | null
  /** By the shape of the numbers, which for most is their length. */
  compiled: Cache<CompiledSvg>
}

/** What the numbers of a badge count. */
export type Kind = 'hits' | 'active'
const ACTIVE_LABEL = 'active'

/** A wrong option: its name, and a sentence that says how it must be. */
interface Problem {
  option: string
  sentence: string
}

type Query = Readonly<Record<string, unknown>>
type Parsed = { appearance: Appearance; problem: Problem | null }

/** The most that all appearances may take, and the drawings of each, in bytes. */
const MAX_BYTES = 32_000_000
const MAX_COMPILED_BYTES = 4_000_000
/** What an appearance takes without its name and its drawings, in bytes. */
const APPEARANCE_BYTES = 1500
/** What a compiled drawing takes without its markup, in bytes. */
const COMPILED_BYTES = 500

/** Reads the options of tags. Most tags are requested again and again, so their appearances are cached. */
export class Appearances {
  readonly #options: ReadonlyMap<string, Option<unknown>>
  readonly #label: string
  readonly #known = new Cache<Appearance>(MAX_BYTES, sizeOf)

  /** @param label the instance's own */
  constructor(schema: Schema, label: string) {
    this.#options = new Map(Object.entries(schema))
    this.#label = label
  }

  /**
   * Reads the options of a tag from a parsed query. An option that is missing or wrong gets its default value. An option
   * other than the label also counts as missing if it is empty.
   * @returns the appearance, and the first wrong option: the refusal uses the valid options
   */
  readonly read = (query: Query, kind: Kind = 'hits'): Parsed => {
    let name: string = kind
    for (const option in query) {
      if (!this.#options.has(option)) continue
      const value = query[option]
      if (typeof value !== 'string') return this.#parse(query, kind)
      // The length keeps a value that contains `&` and `=` from looking like two options.
      name += `&${option}=${value.length}:${value}`
    }
    const known = this.#known.get(name)
    if (known) return { appearance: known, problem: null }
    const parsed = this.#parse(query, kind)
    if (parsed.problem !== null) return parsed
    // Most of the name is a part of the request line; see `copyText`.
    parsed.appearance.name = copyText(name)
    this.#known.set(parsed.appearance.name, parsed.appearance)
    return parsed
  }

  /** Keeps a drawing with its appearance, which may have left the cache in the meantime. */
  keep(appearance: Appearance, shape: string, drawing: CompiledSvg): void {
    const { name, compiled } = appearance
    compiled.set(shape, drawing)
    // `set` measures the appearance again.
    if (name !== null && this.#known.get(name) === appearance) this.#known.set(name, appearance)
  }

  #parse(query: Query, kind: Kind): Parsed {
    const parsed: BadgeOptions & Record<string, unknown> = {
      ...DEFAULTS,
      label: kind === 'active' ? ACTIVE_LABEL : this.#label,
      color: null,
    }
    let problem: Problem | null = null
    for (const [option, { read, wanted }] of this.#options) {
      const given = query[option]
      if (given === undefined || (given === '' && option !== 'label')) continue
      if (kind === 'active' && !OPTIONS_OF.active.has(option)) continue
      // Without a copy, an option that is kept would keep the whole request line in memory.
      const value = typeof given === 'string' ? read(copyText(given)) : null
      if (value === null) problem ??= { option, sentence: `${option} must be ${wanted}.` }
      else parsed[option] = value
    }
    const compiled = new Cache<CompiledSvg>(MAX_COMPILED_BYTES, ({ pieces }) =>
      pieces.reduce((sum, piece) => sum + 2 * piece.length, COMPILED_BYTES),
    )
    return {
      appearance: { options: parsed, theme: themeOf(parsed), name: null, compiled },
      problem,
    }
  }
}

/** Follows the viewer's system if there are colours for light and for dark pages. Faces always have them. */
function themeOf({ theme, face, color, labelColor, textColor, logoColor }: BadgeOptions): Theme {
  if (theme !== null) return theme
  const pairs = [color, labelColor, textColor, logoColor]
  const hasDark = pairs.some((pair) => pair && pair.light !== pair.dark)
  return hasDark || face !== null ? 'auto' : 'light'
}

function sizeOf({ options: { logo }, name, compiled }: Appearance): number {
  // The options are parts of the name. Each may be kept once more, as UTF-16.
  const bytes = APPEARANCE_BYTES + 2 * (name?.length ?? 0) + compiled.bytes
  if (logo === null) return bytes
  // A name of a few characters can stand for an icon of tens of kB.
  return bytes + ('icon' in logo ? logo.icon.path.length : logo.image.length)
}
