import type { BadgeOptions } from './options.ts'
import type { Theme } from './theme.ts'
import type { Template } from './xml.ts'

/** What a tag asks for, read and checked once, with the templates that were drawn for it. */
export interface Look {
  options: BadgeOptions
  theme: Theme
  /** By the shape of what is shown: its length, mostly. */
  templates: Map<string | number, Template>
}

/** What a look takes beside its name and its templates, in bytes. */
const LOOK_BYTES = 1500
/** What a template takes beside its markup. */
const TEMPLATE_BYTES = 500
/** Templates of one look: lengths of numbers, widths of Roman ones, steps of colours. */
const MOST_TEMPLATES = 200

/**
 * Looks by the words they were asked for in, which people ask for again. Bounded by what they take, since strangers choose
 * the words; the oldest make room.
 * @param budget bytes, roughly
 */
export function createLooks(budget: number) {
  const looks = new Map<string, { look: Look; bytes: number }>()
  const names = new Map<Look, string>()
  let bytes = 0

  function forget(name: string): void {
    const entry = looks.get(name)
    if (!entry) return
    looks.delete(name)
    names.delete(entry.look)
    bytes -= entry.bytes
  }

  /** Whoever holds a look that was forgotten may go on drawing with it. */
  function grow(look: Look, by: number): void {
    const name = names.get(look)
    const entry = name === undefined ? undefined : looks.get(name)
    if (!entry) return
    entry.bytes += by
    bytes += by
    for (const oldest of looks.keys()) {
      if (bytes <= budget) break
      forget(oldest)
    }
  }

  return {
    get bytes(): number {
      return bytes
    },
    get(name: string): Look | undefined {
      return looks.get(name)?.look
    },
    add(name: string, look: Look): void {
      looks.set(name, { look, bytes: 0 })
      names.set(look, name)
      grow(look, 2 * name.length + LOOK_BYTES + sizeOfLogo(look))
    },
    addTemplate(look: Look, shape: string | number, template: Template): void {
      const [oldest] = look.templates.size < MOST_TEMPLATES ? [] : look.templates
      if (oldest) {
        look.templates.delete(oldest[0])
        grow(look, -sizeOf(oldest[1]))
      }
      look.templates.set(shape, template)
      grow(look, sizeOf(template))
    },
  }
}

/** A few characters name a logo of tens of kB, and a look may never be drawn. */
function sizeOfLogo({ options: { logo } }: Look): number {
  if (logo === null) return 0
  return 'icon' in logo ? logo.icon.path.length : logo.image.length
}

function sizeOf({ pieces }: Template): number {
  return pieces.reduce((sum, piece) => sum + 2 * piece.length, TEMPLATE_BYTES)
}
