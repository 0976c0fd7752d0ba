import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import test, { after } from 'node:test'
import fc from 'fast-check'
import { checkSelfContained } from '../../src/badge/self-contained.ts'
import { FILE } from '../harness/app.ts'
import { openPngs, readPng } from '../harness/png.ts'

const pngs = openPngs(FILE)
const folder = mkdtempSync(join(tmpdir(), 'tallymark-png-'))
after(() => rmSync(folder, { recursive: true }))

const svgOf = (content: string, before = '') =>
  `${before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
    xmlns:s="http://www.w3.org/2000/svg" xmlns:q="http://www.w3.org/1999/xlink"
    width="20" height="20"><rect width="20" height="20" fill="#0f0"/>${content}</svg>`
const GREEN = [0, 255, 0, 255]
const RED = [255, 0, 0, 255]

/** A red square, as a file and written out. */
const red = await pngs.draw(svgOf('<rect width="20" height="20" fill="#f00"/>'), 1)
const file = join(folder, 'red.png')
writeFileSync(file, red)
const data = `data:image/png;base64,${Buffer.from(red).toString('base64')}`
const image = (href: string) => `<image href="${href}" width="20" height="20"/>`
const inData = (svg: string) => `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`

const colorOf = async (svg: string) => readPng(await pngs.draw(svg, 1)).at(5, 5)

const ASKING: Record<string, string> = {
  'a path': svgOf(image(file)),
  'a path from here': svgOf(image(relative('.', file))),
  'a path in XML entities': svgOf(image(file.replaceAll('/', '&#47;'))),
  'a path with spaces around': svgOf(image(` ${file} `)),
  'a file: address': svgOf(image(`file://${file}`)),
  'a web address': svgOf(image('http://127.0.0.1:1/red.png')),
  'an address without a scheme': svgOf(image('//127.0.0.1:1/red.png')),
  'xlink:href': svgOf(image(file).replace('href', 'xlink:href')),
  'another prefix for xlink': svgOf(image(file).replace('href', 'q:href')),
  'a prefix for SVG': svgOf(image(file).replace('image', 's:image')),
  'an image in a filter': svgOf(
    `<filter id="f"><feImage href="${file}"/></filter><rect filter="url(#f)" width="20" height="20"/>`,
  ),
  'an image that is used': svgOf(
    `<defs><image id="i" href="${file}" width="20" height="20"/></defs><use href="#i"/>`,
  ),
  'a path that looks like data': svgOf(image(`data:image/png;base64,/../../../../..${file}`)),
  'an entity of its own': svgOf(image('&a;'), `<!DOCTYPE svg [<!ENTITY a "${file}">]>`),
  "a file's text": svgOf(
    '<text>&a;</text>',
    `<!DOCTYPE svg [<!ENTITY a SYSTEM "file://${file}">]>`,
  ),
}

for (const [name, svg] of Object.entries(ASKING)) {
  test(`a drawing that asks for something outside is refused: ${name}`, async () => {
    await assert.rejects(pngs.draw(svg, 1), /asks for|undefined entity/)
  })
}

test('these are no ways to ask for something, and nothing of it is drawn', async () => {
  for (const content of [
    `<image style="href:${file}" width="20" height="20"/>`,
    `<style>image{href:${file}}</style><image width="20" height="20"/>`,
    `<style>@import url(${file});</style>`,
    `<image src="${file}" width="20" height="20"/>`,
    image(inData(svgOf(image(file)))),
    `<a href="https://example.com"><text>a</text></a>`,
  ]) {
    assert.deepEqual(await colorOf(svgOf(content)), GREEN, content)
  }
})

test('what is in the drawing is drawn: an image written out, an element by its id', async () => {
  assert.deepEqual(await colorOf(svgOf(image(data))), RED)
  assert.deepEqual(
    await colorOf(
      svgOf('<defs><rect id="r" width="20" height="20" fill="#f00"/></defs><use href="#r"/>'),
    ),
    RED,
  )
})

test('no href gets through but those two', () => {
  const part = fc.constantFrom('data:', 'image/png', ';base64,', '/', '..', '#', 'a', 'http:', ' ')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const href = parts.join('')
      const inside = href.startsWith('#') || /^data:image\/png;base64,[a/ ]*$/.test(href)
      const check = () => checkSelfContained(svgOf(image(href)))
      if (inside) check()
      else assert.throws(check, /asks for/)
    }),
  )
})
