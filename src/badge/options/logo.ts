import { readFileSync } from 'node:fs'
import { readImage } from '../untrusted/image.ts'

/** A logo of Simple Icons. */
interface Icon {
  /** Its name in Simple Icons, whichever of its other names a tag uses. */
  slug: string
  /** Path data in a box of 24 x 24. */
  path: string
  /** The brand's colour: `#rrggbb`, lower-case. */
  color: string
}

/** The logo of a badge: an icon, or an image as a checked `data:` URL. */
export type Logo = { icon: Icon } | { image: string }

/** Null if no icon has this name, or if the image cannot be shown; see `readImage`. */
export function readLogo(value: string): Logo | null {
  // Leading spaces do not count. A trailing space may be the last plus sign of base64.
  const text = value.trimStart()
  if (/^data:/i.test(text)) {
    const image = readImage(text)
    return image === null ? null : { image }
  }
  const icon = readIcon(value)
  return icon && { icon }
}

/** The fields of an entry in Simple Icons' list that are used here. */
interface ListEntry {
  title: string
  slug: string
  hex: string
  aliases?: { aka?: string[]; old?: string[] }
}

const LIST = import.meta.resolve('simple-icons/icons.json')
/** The longest name that is looked up. The longest slug of Simple Icons has 49 characters. */
const MAX_NAME = 100

let icons: ReadonlyMap<string, Pick<ListEntry, 'slug' | 'hex'>> | null = null

/**
 * All icons by slug, and by title and other names that are no slug of another icon. The first call reads the list, which
 * takes some 15 ms; it is made before a visit has to wait for it.
 */
export function loadIcons() {
  if (icons) return icons
  const list = readList()
  const found = new Map(list.map(({ slug, hex }) => [slug, { slug, hex }]))
  for (const { title, slug, aliases = {} } of list) {
    const icon = found.get(slug) as Pick<ListEntry, 'slug' | 'hex'>
    const others = [...(aliases.aka ?? []), ...(aliases.old ?? [])].map(slugOf)
    // `slugOf` turns most titles into the slug. To add all titles is faster than to find the others.
    for (const name of [title.toLowerCase(), ...others]) if (!found.has(name)) found.set(name, icon)
  }
  icons = found
  return found
}

/** All icons with the names that people know them by: the slug, the title and other names. */
export function listIcons(): string[][] {
  return readList().map(({ title, slug, aliases = {} }) => [
    slug,
    title,
    ...(aliases.aka ?? []),
    ...(aliases.old ?? []),
  ])
}

function readList(): ListEntry[] {
  return JSON.parse(readFileSync(new URL(LIST), 'utf8'))
}

/**
 * Reads an icon by its slug, or by a title such as `Node.js`, in any case. It reads the icon's file each time; the
 * caller keeps what it draws with it.
 * @returns null if Simple Icons has no icon of this name
 */
export function readIcon(name: string): Icon | null {
  if (name.length > MAX_NAME) return null
  const all = loadIcons()
  // `slugOf` cannot make some slugs, such as `spring_creators`.
  const entry = all.get(name.toLowerCase()) ?? all.get(slugOf(name))
  if (!entry) return null
  // The file's name comes from the list, never from the request.
  const svg = readFileSync(new URL(`../icons/${entry.slug}.svg`, LIST), 'utf8')
  const path = / d="([^"<>&]+)"/.exec(svg)?.[1]
  if (path === undefined) throw new Error(`the icon ${entry.slug} has no path`)
  return { slug: entry.slug, path, color: `#${entry.hex.toLowerCase()}` }
}

const SPELLINGS: Record<string, string> = {
  '+': 'plus',
  '.': 'dot',
  '&': 'and',
  đ: 'd',
  ħ: 'h',
  ı: 'i',
  ĸ: 'k',
  ŀ: 'l',
  ł: 'l',
  ß: 'ss',
  ŧ: 't',
  ø: 'o',
}

/** A title's slug, by the rule of simple-icons/sdk, which takes as long to load as the list. */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[+.&đħıĸŀłßŧø]/g, (character) => SPELLINGS[character] as string)
    .normalize('NFD')
    .replace(/[^a-z\d]/g, '')
}
