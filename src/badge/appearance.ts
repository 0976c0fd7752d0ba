import { Cache, copyText } from '../cache.ts'
import type { BadgeOptions } from './options/options.ts'
import type { Theme } from './style/theme.ts'
import type { CompiledSvg } from './svg.ts'

/** How a badge looks: the options of a tag, and the drawings that were compiled for them. */
export interface Appearance {
  options: BadgeOptions
  theme: Theme
  /** The options as the tag wrote them; null if one of them was wrong. */
  name: string | null
  /** By the shape of the numbers, which for most is their length. */
  compiled: Map<string | number, CompiledSvg>
}

/** What an appearance takes without its name and its drawings, in bytes. */
const APPEARANCE_BYTES = 1500
/** What a compiled drawing takes without its markup, in bytes. */
const COMPILED_BYTES = 500
/** The most drawings of an appearance: lengths of numbers, widths of Roman numbers, steps of colours. */
const MAX_COMPILED = 200

/** Appearances by the options as tags write them. Most tags are requested again and again. */
export class AppearanceCache {
  readonly #appearances: Cache<Appearance>

  /** @param maxBytes the most that appearances and their drawings may take */
  constructor(maxBytes: number) {
    this.#appearances = new Cache(maxBytes, sizeOf)
  }

  get(name: string): Appearance | undefined {
    return this.#appearances.get(name)
  }

  add(name: string, appearance: Appearance): void {
    appearance.name = copyText(name)
    this.#appearances.set(appearance.name, appearance)
  }

  /** Keeps a drawing with its appearance, which may have left the cache in the meantime. */
  addCompiled(appearance: Appearance, shape: string | number, compiled: CompiledSvg): void {
    const [oldest] = appearance.compiled.size < MAX_COMPILED ? [] : appearance.compiled.keys()
    if (oldest !== undefined) appearance.compiled.delete(oldest)
    appearance.compiled.set(shape, compiled)
    const { name } = appearance
    // The cache measures the appearance again.
    if (name !== null && this.#appearances.get(name) === appearance)
      this.#appearances.set(name, appearance)
  }
}

function sizeOf({ options: { logo }, name, compiled }: Appearance): number {
  let bytes = APPEARANCE_BYTES + sizeOfLogo(logo)
  // The options are parts of the name. Each may be kept once more, as UTF-16.
  if (name !== null) bytes += 2 * name.length
  for (const { pieces } of compiled.values()) {
    bytes += pieces.reduce((sum, piece) => sum + 2 * piece.length, COMPILED_BYTES)
  }
  return bytes
}

/** A name of a few characters can stand for an icon of tens of kB. */
function sizeOfLogo(logo: BadgeOptions['logo']): number {
  if (logo === null) return 0
  return 'icon' in logo ? logo.icon.path.length : logo.image.length
}
