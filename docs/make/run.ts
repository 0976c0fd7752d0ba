// `npm run docs`: writes the files of docs/ that are made from the code, and removes pictures that are no longer shown.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOCS, makeFiles } from './files.ts'

const USAGE =
  'npm run docs takes no words and no options. It writes docs/gallery, docs/gallery.md, the options in docs/usage.md, ' +
  'docs/openapi.json and the types of the API from the code. Nothing was written.\n'
const [given] = process.argv.slice(2)
if (given !== undefined) {
  const isQuestion = given === '--help' || given === '-h'
  process[isQuestion ? 'stdout' : 'stderr'].write(
    `${isQuestion ? '' : `What is ${JSON.stringify(given)}? `}${USAGE}`,
  )
  process.exit(isQuestion ? 0 : 2)
}
const files = await makeFiles()
const gallery = join(DOCS, 'gallery')
rmSync(gallery, { recursive: true, force: true })
mkdirSync(gallery)
for (const [name, text] of files) writeFileSync(join(DOCS, name), text)
process.stdout.write(`${files.size} files written\n`)
