import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOCS, makeFiles } from './files.ts'

/** Writes what of docs/ is made from the code, and clears away pictures that nothing shows any more. */
const ends: (() => unknown)[] = []
const files = await makeFiles({ after: (end) => ends.push(end) })
for (const end of ends.reverse()) await end()
const gallery = join(DOCS, 'gallery')
rmSync(gallery, { recursive: true, force: true })
mkdirSync(gallery)
for (const [name, text] of files) writeFileSync(join(DOCS, name), text)
process.stdout.write(`${files.size} files written\n`)
