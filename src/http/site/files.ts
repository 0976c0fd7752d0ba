import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** public/: the pages and, in its folder assets, the files that they load. */
const PUBLIC = join(import.meta.dirname, '../../../public')
const YEAR_SECONDS = 31_536_000
const SHORT_SECONDS = 300

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The files that pages load, and the pages' text. */
export interface Files {
  /** Names this version of the files: a hash of them all. */
  version: string
  assets: ReadonlyMap<string, string>
  /** Reads a page of public/, with the head and header of all pages. It loads its files by this version's address. */
  readPage(name: string): Promise<string>
}

/** Reads all files once: they are small, and what is sent never mixes two versions. */
export async function readFiles(): Promise<Files> {
  const folder = join(PUBLIC, 'assets')
  const names = (await readdir(folder)).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  const files = new Map(names.map((name, at) => [name, texts[at] as string]))
  const assets = new Map([...files].map(([name, text]) => [name, withImports(text, files)]))
  const contents = [...assets].map(([name, text]) => `${name}\n${text.length}\n${text}`)
  const version = hash('sha256', contents.join('')).slice(0, 16)
  const read = (name: string) => readFile(join(PUBLIC, name), 'utf8')
  const head = await read('head.html')
  const header = await read('header.html')
  return {
    version,
    assets,
    readPage: async (name) =>
      (await read(name))
        .replace('{{head}}', () => head.trim())
        // The page that is open is marked in the header.
        .replace('{{header}}', () =>
          header.trim().replace(`href="${hrefOf(name)}"`, '$& aria-current="page"'),
        )
        .replaceAll('"assets/', `"assets/${version}/`),
  }
}

function hrefOf(name: string): string {
  return name === 'index.html' ? './' : name.replace('.html', '')
}

/** Puts the style sheets that a style sheet imports in place of its `@import`s, so that a page needs one request for them. */
function withImports(text: string, files: ReadonlyMap<string, string>): string {
  return text.replace(/^@import "([\w.-]+)";$/gm, (_all, name) => files.get(name) as string)
}

/** Sends the files, by their version for a year and by their plain names for minutes. */
export function fileRoutes(app: FastifyInstance, { version, assets }: Files): void {
  app.get('/assets/*', (request, reply) => {
    const { '*': path } = request.params as { '*': string }
    const name = path.startsWith(`${version}/`) ? path.slice(version.length + 1) : path
    const text = assets.get(name)
    if (text === undefined) return reply.callNotFound()
    const age = name === path ? `max-age=${SHORT_SECONDS}` : `max-age=${YEAR_SECONDS}, immutable`
    return sendFile(request, reply, TYPES[extname(name)] ?? 'text/plain', text, `public, ${age}`)
  })
}

/**
 * Sends text that may be cached, or 304 if the client has it already.
 * @param content what of the text tells two versions apart
 */
export function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  text: string,
  cacheControl: string,
  content = text,
): FastifyReply {
  // A weak one: the same text is sent in several encodings.
  const tag = `W/"${hash('sha256', content).slice(0, 16)}"`
  reply.header('etag', tag).header('cache-control', cacheControl)
  const known = request.headers['if-none-match']?.includes(tag) ?? false
  return known ? reply.code(304).send() : reply.type(type).send(text)
}
