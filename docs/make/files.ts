import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '../../config.ts'
import { queryOf, type Sample, SHELVES, type Shelf } from '../../src/badge/examples.ts'
import { createSchema, GROUPS } from '../../src/badge/options/schema.ts'
import { checks } from '../../src/checks.ts'
import { startService } from '../../src/service.ts'
import { promiseOf, typesOf } from './api.ts'

export const DOCS = join(import.meta.dirname, '..')

/** The types with which the test of a client is compiled, seen from docs/. */
const TYPES = '../test/http/api/openapi.d.ts'

/** The moment at which all pictures are drawn. */
const NOW = Date.UTC(2026, 0, 15, 12)

/** The page is not an option of badges, but people look for it among them. */
const URL_ROW =
  '| `url` | the page; encode `&`, `#` and `%` in it, and a space as `%20`, since `+` is a plus here | the Referer |'

const GALLERY = `# What a badge can look like

Every badge here is drawn by the service, with the options beside it. \`npm run docs\` draws them again, and a test fails
when one has changed. [usage.md](usage.md#options-of-a-badge) says what each option does; an instance shows the same
badges at \`/gallery\`, as it draws them itself.
`

/** Makes the files of docs/ that come from the code, by their names there. The same code makes the same bytes on any day. */
export async function makeFiles(): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-docs-'))
  const settings = { HOST: '127.0.0.1', PORT: '0', DATABASE_FILE_PATH: join(folder, 'docs.db') }
  const service = await startService(readSettings(checks, settings), () => NOW)
  try {
    return await draw((url) => service.app.inject(url))
  } finally {
    await service.close()
    rmSync(folder, { recursive: true })
  }
}

async function draw(
  get: (url: string) => Promise<{ statusCode: number; body: string }>,
): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const sections = [GALLERY]
  for (const shelf of SHELVES) {
    const path = shelf.cards ? '/sample/graph.svg' : '/sample/tag.svg'
    const pictures = shelf.samples.map((_, at) => `gallery/${fileName(shelf)}-${at + 1}.svg`)
    for (const [at, sample] of shelf.samples.entries()) {
      const { statusCode, body } = await get(`${path}?${queryOf(sample)}`)
      if (statusCode !== 200) throw new Error(`${sample.name} of ${shelf.title} is refused`)
      files.set(pictures[at] as string, body)
    }
    sections.push(sectionOf(shelf, pictures))
  }
  files.set('gallery.md', sections.join('\n'))
  files.set('usage.md', withOptions(readFileSync(join(DOCS, 'usage.md'), 'utf8')))
  const promise = promiseOf((await get('/openapi.json')).body)
  files.set('openapi.json', promise)
  files.set(TYPES, await typesOf(promise))
  return files
}

function fileName({ title }: Shelf): string {
  return title.toLowerCase().replaceAll(' ', '-')
}

/** The samples are not in a table: there, GitHub draws pictures smaller to make room for long options. */
function sectionOf({ title, about, cards, samples }: Shelf, pictures: readonly string[]): string {
  const shown = samples.map((sample, at) => {
    const picture = `![${sample.name}](${pictures[at]})`
    const query = queryOf(withoutCount(sample))
    if (cards) return `${picture}\\\n\`/graph.svg?url=…${query && `&${query}`}\``
    const name = sample.name.includes('=') ? '' : `${sample.name} `
    return `${picture} ${name}${query && `\`${query}\``}`.trimEnd()
  })
  return `${[`## ${title}`, about, ...shown].join('\n\n')}\n`
}

/** The options without the sample's number, which no tag has. */
function withoutCount({ name, options: { count, ...options } }: Sample): Sample {
  return { name, options }
}

/** Replaces the table of options in usage.md. @throws Error if the marks around the table are missing */
function withOptions(usage: string): string {
  const place = /(?<=<!-- options -->\n\n)[\s\S]*?(?=\n\n<!-- \/options -->)/
  if (!place.test(usage)) throw new Error('docs/usage.md has no place for the options')
  return usage.replace(place, () => optionsTable())
}

function optionsTable(): string {
  const options = Object.entries(createSchema())
  const rows = GROUPS.flatMap((group) => [
    `| **${group}** | | |`,
    ...options
      .filter(([, option]) => option.group === group)
      .map(([name, { about, otherwise }]) => `| \`${name}\` | ${about} | ${otherwise} |`),
  ])
  return ['| parameter | value | else |', '|---|---|---|', URL_ROW, ...rows].join('\n')
}
