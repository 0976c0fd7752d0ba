import { hash } from 'node:crypto'
import type { Template } from '../svg.ts'

/** Stands for a slot; XML has no such character. */
const SLOT = '\u0000'

/**
 * Makes the ids, classes and animations of a drawing its own, so that several drawings can be pasted into one HTML page:
 * there, the first element with an id is taken for all, and a style sheet holds for the whole page. Drawings that are
 * equal but for what fills their slots have the same names.
 */
export function scopeNames({ pieces, slots }: Template): Template {
  const markup = pieces.join(SLOT)
  if (!/ (id|class)="/.test(markup)) return { pieces, slots }
  const suffix = `_${hash('sha256', markup, 'hex').slice(0, 8)}`
  // Quotes and angle brackets are escaped in texts and values, so none of these patterns fits there.
  const scoped = markup
    .replace(/ (id|class)="([^"]+)"/g, (_all, attribute, names: string) => {
      const all = names.split(' ').map((name) => name + suffix)
      return ` ${attribute}="${all.join(' ')}"`
    })
    .replace(/="url\(#([\w-]+)\)"/g, `="url(#$1${suffix})"`)
    .replace(/ href="#([\w-]+)"/g, ` href="#$1${suffix}"`)
    .replace(/<style>.*?<\/style>/gs, (css) =>
      css
        .replace(/\.([a-z]\w*)(?=\{)/g, `.$1${suffix}`)
        // Behind colours there is another sign.
        .replace(/#([a-z][\w-]*)(?=[{)])/g, `#$1${suffix}`)
        .replace(/@keyframes (\w+)/g, `@keyframes $1${suffix}`)
        .replace(/animation:(\w+)/g, `animation:$1${suffix}`),
    )
  return { pieces: scoped.split(SLOT), slots }
}
