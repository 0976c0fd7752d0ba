import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import test, { after } from 'node:test'
import { PngProblem } from '../../../src/badge/png/pngs.ts'
import { drawer, readPng } from '../../harness/png.ts'

const draw = drawer({ after })
const folder = mkdtempSync(join(tmpdir(), 'tallymark-png-'))
after(() => rmSync(folder, { recursive: true }))

const svgOf = (content: string, before = '') =>
  `${before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
    xmlns:s="http://www.w3.org/2000/svg" xmlns:q="http://www.w3.org/1999/xlink"
    width="20" height="20"><rect width="20" height="20" fill="#0f0"/>${content}</svg>`
const GREEN = [0, 255, 0, 255]
const RED = [255, 0, 0, 255]

/** A red square, as a file and written out. */
const red = await draw(svgOf('<rect width="20" height="20" fill="#f00"/>'), 1)
const file = join(folder, 'red.png')
writeFileSync(file, red)
const data = `data:image/png;base64,${Buffer.from(red).toString('base64')}`
const image = (href: string) => `<image href="${href}" width="20" height="20"/>`
const inData = (svg: string) => `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`

const colorOf = async (svg: string) => readPng(await draw(svg, 1)).at(5, 5)

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
  'an href in a style': svgOf(`<image style="href:${file}" width="20" height="20"/>`),
  'an href in a style sheet': svgOf(
    `<style>image{href:${file}}</style><image width="20" height="20"/>`,
  ),
  'a style sheet': svgOf(`<style>@import url(${file});</style>`),
  'a src': svgOf(`<image src="${file}" width="20" height="20"/>`),
  'an image in an image': svgOf(image(inData(svgOf(image(file))))),
  'a link': svgOf('<a href="https://example.com"><text>a</text></a>'),
}

for (const [name, svg] of Object.entries(ASKING)) {
  test(`nothing outside of a drawing is read: ${name}`, async () => {
    assert.deepEqual(await colorOf(svg), GREEN)
  })
}

test('a drawing with an entity that reads a file is refused', async () => {
  const svg = svgOf('<text>&a;</text>', `<!DOCTYPE svg [<!ENTITY a SYSTEM "file://${file}">]>`)
  await assert.rejects(draw(svg, 1), PngProblem)
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
