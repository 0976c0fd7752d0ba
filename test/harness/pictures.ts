import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { PACKAGED } from './browser.ts'

const FOLDER = join(import.meta.dirname, '../pixels')
const FONTS = join(import.meta.dirname, '../../src/badge/fonts')

/**
 * What may differ: a pixel is as it was while no channel is off by more than `level`, of 255, and so many may be off.
 * The same browser draws the same pixels; another processor may round them otherwise, by a step or two, and
 * on the edges of curves by more. A text that moves by 1 px is some hundred pixels off.
 * An installed browser of another version, or one that has other fonts, is held to size and colour only.
 */
const TOLERANCE = PACKAGED ? { level: 3, share: 0.0001 } : { level: 64, share: 0.05 }

/** A font list that holds the badges' own fonts and no others, as environment variables for a browser. */
export function onlyOurFonts(folder: string): Record<string, string> {
  const list = join(folder, 'fonts.conf')
  const generic = ['sans-serif', 'Verdana', 'Helvetica', 'Arial']
  const aliases = generic.map(
    (name) => `<alias binding="same"><family>${name}</family>
      <prefer><family>DejaVu Sans</family></prefer></alias>`,
  )
  writeFileSync(
    list,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
      <dir>${FONTS}</dir><cachedir>${join(folder, 'fonts-cache')}</cachedir>${aliases.join('')}
    </fontconfig>`,
  )
  return { FONTCONFIG_FILE: list, FONTCONFIG_PATH: folder }
}

/**
 * Holds what a page shows against a stored picture of it. Where they differ, what is shown is left in a folder with the
 * difference, which the error names. `UPDATE_PICTURES=1` stores what is shown instead.
 * @param name of the picture, without its ending
 * @throws AssertionError if it is missing, has another size, or differs
 */
export async function comparePicture(page: Page, name: string): Promise<void> {
  const stored = join(FOLDER, `${name}.png`)
  const shown = await page.screenshot({ fullPage: true })
  if (process.env.UPDATE_PICTURES) {
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(stored, shown)
    return
  }
  assert.ok(existsSync(stored), `there is no ${stored}: UPDATE_PICTURES=1 makes it`)
  const found = await difference(page, readFileSync(stored), shown)
  if (found.pixels <= found.area * TOLERANCE.share) return
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-pictures-'))
  writeFileSync(join(folder, `${name}.png`), shown)
  writeFileSync(join(folder, `${name}-difference.png`), Buffer.from(found.picture, 'base64'))
  assert.fail(
    `${name} differs in ${found.pixels} pixels, the first at ${found.first}: see ${folder}. ` +
      'If it is meant to, UPDATE_PICTURES=1 stores it anew.',
  )
}

interface Difference {
  area: number
  pixels: number
  /** x and y of the topmost. */
  first: string
  /** A PNG in base64 with the differences in red. */
  picture: string
}

/** The browser reads the pictures, as it has made them. A part that only one of them has differs. */
function difference(page: Page, stored: Buffer, shown: Buffer): Promise<Difference> {
  const pair = [stored, shown].map((png) => `data:image/png;base64,${png.toString('base64')}`)
  return page.evaluate(
    async ({ pair, level }) => {
      const images = await Promise.all(
        pair.map(async (src) => {
          const image = new Image()
          image.src = src
          await image.decode()
          return image
        }),
      )
      const width = Math.max(...images.map((image) => image.width))
      const height = Math.max(...images.map((image) => image.height))
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width, height })
      const context = canvas.getContext('2d', { willReadFrequently: true })
      if (!context) throw new Error('no canvas')
      const [before, after] = images.map((image) => {
        context.clearRect(0, 0, width, height)
        context.drawImage(image, 0, 0)
        return context.getImageData(0, 0, width, height)
      })
      if (!before || !after) throw new Error('no pictures')
      let pixels = 0
      let first = ''
      for (let at = 0; at < after.data.length; at += 4) {
        const off = [0, 1, 2, 3].some(
          (part) => Math.abs((before.data[at + part] ?? 0) - (after.data[at + part] ?? 0)) > level,
        )
        if (off) {
          pixels += 1
          first ||= `${(at / 4) % width},${Math.floor(at / 4 / width)}`
          after.data.set([255, 0, 0, 255], at)
        } else after.data[at + 3] = 40
      }
      context.putImageData(after, 0, 0)
      const picture = canvas.toDataURL().split(',')[1] as string
      return { area: width * height, pixels, first, picture }
    },
    { pair, level: TOLERANCE.level },
  )
}
