import { Cache } from '../cache.ts'
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

/** The most that appearances and their drawings may take, in bytes. */
const MAX_BYTES = 32_000_000
/** What an appearance takes without its name and its drawings, in bytes. */
const APPEARANCE_BYTES = 1500
/** What a compiled drawing takes without its markup, in bytes. */
const COMPILED_BYTES = 500
/** The most drawings of an appearance: lengths of numbers, widths of Roman numbers, steps of colours. */
const MAX_COMPILED = 200

/** Appearances by the options as tags write them, because most tags are requested again and again. */
export function createAppearanceCache(): Cache<Appearance> {
  return new Cache(MAX_BYTES, sizeOf)
}

/** Keeps a drawing with its appearance, which may have left the cache in the meantime. */
export function keepCompiled(
  cache: Cache<Appearance>,
  appearance: Appearance,
  shape: string | number,
  drawing: CompiledSvg,
): void {
  const { name, compiled } = appearance
  const [oldest] = compiled.size < MAX_COMPILED ? [] : compiled.keys()
  if (oldest !== undefined) compiled.delete(oldest)
  compiled.set(shape, drawing)
  // `set` measures the appearance again.
  if (name !== null && cache.get(name) === appearance) cache.set(name, appearance)
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
