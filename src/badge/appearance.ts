import { Cache, copyText } from '../cache.ts'
import type { BadgeOptions } from './options/options.ts'
import type { Theme } from './style/theme.ts'
import type { Template } from './svg.ts'

/** What a tag asks for, read and checked once, with the templates that were drawn for it. */
export interface Appearance {
  options: BadgeOptions
  theme: Theme
  /** The words that it was asked for in; null where something was wrong with them. */
  name: string | null
  /** By the shape of what is shown: its length, mostly. */
  templates: Map<string | number, Template>
}

/** What a look takes beside its name and its templates, in bytes. */
const LOOK_BYTES = 1500
/** What a template takes beside its markup. */
const TEMPLATE_BYTES = 500
/** Templates of one look: lengths of numbers, widths of Roman ones, steps of colours. */
const MAX_TEMPLATES = 200

/** Looks by the words that they were asked for in, which come again. */
export class AppearanceCache {
  readonly #appearances: Cache<Appearance>

  /** @param maxBytes what looks and templates may take */
  constructor(maxBytes: number) {
    this.#appearances = new Cache(maxBytes, sizeOfLook)
  }

  get(name: string): Appearance | undefined {
    return this.#appearances.get(name)
  }

  add(name: string, appearance: Appearance): void {
    appearance.name = copyText(name)
    this.#appearances.set(appearance.name, appearance)
  }

  /** Keeps a template with its look. A look that was removed meanwhile keeps it as long as somebody draws with it. */
  addTemplate(appearance: Appearance, shape: string | number, template: Template): void {
    const [oldest] = appearance.templates.size < MAX_TEMPLATES ? [] : appearance.templates.keys()
    if (oldest !== undefined) appearance.templates.delete(oldest)
    appearance.templates.set(shape, template)
    const { name } = appearance
    if (name !== null && this.#appearances.get(name) === appearance)
      this.#appearances.set(name, appearance)
  }
}

function sizeOfLook({ options: { logo }, name, templates }: Appearance): number {
  let bytes = LOOK_BYTES + sizeOfLogo(logo)
  // The options are made of the words of the name, and may hold each once more, as UTF-16.
  if (name !== null) bytes += 2 * name.length
  for (const { pieces } of templates.values()) {
    bytes += pieces.reduce((sum, piece) => sum + 2 * piece.length, TEMPLATE_BYTES)
  }
  return bytes
}

/** A few characters name a logo of tens of kB, and a look may never be drawn. */
function sizeOfLogo(logo: BadgeOptions['logo']): number {
  if (logo === null) return 0
  return 'icon' in logo ? logo.icon.path.length : logo.image.length
}
