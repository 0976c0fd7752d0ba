import { readFileSync } from 'node:fs'
import { type Attributes, type Element, element } from '../svg.ts'

/** A logo of simple-icons. */
export interface Icon {
  /** Its one name, whatever it was asked for by. */
  slug: string
  /** Path data in a box of 24 x 24. */
  path: string
  /** The brand's colour: `#rrggbb`, lower-case. */
  color: string
}

/** An entry of simple-icons' own list, as far as it is used here. */
interface Listed {
  title: string
  slug: string
  hex: string
  aliases?: { aka?: string[]; old?: string[] }
}

type SimpleIcon = Pick<Listed, 'slug' | 'hex'>

const LIST = import.meta.resolve('simple-icons/icons.json')

let icons: ReadonlyMap<string, SimpleIcon> | null = null

/**
 * Every icon by its slug, and by its title and the slugs of its other names where no other icon has them. Read once.
 */
function known(): ReadonlyMap<string, SimpleIcon> {
  if (icons) return icons
  const list: Listed[] = JSON.parse(readFileSync(new URL(LIST), 'utf8'))
  const found = new Map<string, SimpleIcon>(list.map((icon) => [icon.slug, icon]))
  const add = (name: string, icon: SimpleIcon) => {
    if (!found.has(name)) found.set(name, icon)
  }
  for (const { title, slug, hex, aliases } of list) {
    const icon = { slug, hex }
    found.set(slug, icon)
    // Most titles would lead to the slug anyway; this is sooner done than working it out for all.
    add(title.toLowerCase(), icon)
    for (const name of [...(aliases?.aka ?? []), ...(aliases?.old ?? [])]) add(slugOf(name), icon)
  }
  icons = found
  return found
}

/** The longest name that is looked up. The longest slug of simple-icons has 49 characters. */
const LONGEST_NAME = 100

function find(name: string): SimpleIcon | undefined {
  if (name.length > LONGEST_NAME) return undefined
  // Some slugs are none that a title would lead to, such as `spring_creators`.
  return known().get(name.toLowerCase()) ?? known().get(slugOf(name))
}

/** Reads the list of logos, which takes some 15 ms, before a visit has to wait for it. */
export function loadLogos(): void {
  known()
}

/** Whether simple-icons has a logo of this name: a slug, or a title such as `Node.js`, in any case. */
export function knowsLogo(name: string): boolean {
  return find(name) !== undefined
}

/**
 * Reads a logo from its file, each time: whoever draws it keeps the drawing.
 * @throws Error where there is none of this name; see `knowsLogo`
 */
export function readLogo(name: string): Icon {
  const icon = find(name)
  if (!icon) throw new Error('there is no logo of this name')
  // The file's name is the list's, not what was asked for.
  const svg = readFileSync(new URL(`../icons/${icon.slug}.svg`, LIST), 'utf8')
  const path = / d="([^"<>&]+)"/.exec(svg)?.[1]
  if (path === undefined) throw new Error(`the icon ${icon.slug} has no path`)
  return { slug: icon.slug, path, color: `#${icon.hex.toLowerCase()}` }
}

/** Draws a logo in the middle of a box, as large as fits. @param paint attributes such as `fill` */
export function drawLogo(
  path: string,
  box: { x: number; y: number; width: number; height: number },
  paint: Attributes,
): Element {
  return element('svg', { ...box, viewBox: '0 0 24 24' }, element('path', { ...paint, d: path }))
}

const SPELLED: Record<string, string> = {
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

/** A title's slug, by the rule of simple-icons/sdk, which would take as long to load as the list. */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[+.&đħıĸŀłßŧø]/g, (character) => SPELLED[character] as string)
    .normalize('NFD')
    .replace(/[^a-z\d]/g, '')
}
