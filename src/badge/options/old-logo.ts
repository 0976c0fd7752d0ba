import { contrast, type Ground } from '../style/contrast.ts'
import { both, type Pair } from '../style/theme.ts'
import { readImage } from '../untrusted/image.ts'
import { type Icon, knowsLogo, readLogo as readIcon } from './logo.ts'

/** Least contrast of a picture to its ground, by WCAG 2.2. */
const LEAST_CONTRAST = 3

/** What a tag names: a logo of simple-icons, or a checked `data:` image. */
export type Logo = { icon: Icon } | { image: string }

/** Null where there is no such logo, or the image is none that can be shown. */
export function readLogo(value: string): Logo | null {
  // A space at the end may be the last plus of base64.
  const text = value.trimStart()
  if (/^data:/i.test(text)) {
    const image = readImage(text)
    return image === null ? null : { image }
  }
  return knowsLogo(value) ? { icon: readIcon(value) } : null
}

/** The brand's colour where it can be told from the ground, else the text's. */
export function logoColor({ color }: Icon, ground: Pair, text: Pair): Pair {
  const told = (on: Ground) => contrast(color, ground[on], on) >= LEAST_CONTRAST
  const brand = both(color)
  return {
    light: told('light') ? brand.light : text.light,
    dark: told('dark') ? brand.dark : text.dark,
  }
}
