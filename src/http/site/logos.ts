import type { FastifyInstance } from 'fastify'
import { listIcons, readIcon } from '../../badge/options/logo.ts'
import { describe } from '../openapi.ts'
import type { Query } from '../request.ts'
import { sendFile } from './files.ts'

/** The logos come with a package, so they change only with the program. */
const CACHE = 'public, max-age=86400'
/** Logos in one drawing at most. */
const MAX_LOGOS = 24
/** The side of a logo's box. */
const SIDE = 24
const STYLE = 'path{fill:#1b201d}@media(prefers-color-scheme:dark){path{fill:#e9ecea}}'

/**
 * For the list of logos in the tag builder: `/logos.json` has their names, and `/logos.svg?names=github,npm` draws some of them. In
 * the drawing, each is shown by its slug as the fragment.
 */
export function logoRoutes(app: FastifyInstance): void {
  let list: string | undefined
  const aboutList = describe('Service', 'The names of all logos', {}, { type: 'array' })
  app.get('/logos.json', { config: { openapi: aboutList } }, (request, reply) => {
    list ??= JSON.stringify(listIcons())
    return sendFile(request, reply, 'application/json; charset=utf-8', list, CACHE)
  })
  const aboutDrawing = describe(
    'Samples',
    'The logos in `names`, at most 24, in one drawing',
    {},
    'svg',
  )
  app.get('/logos.svg', { config: { openapi: aboutDrawing } }, (request, reply) => {
    const { names } = request.query as Query
    const slugs = String(names ?? '').split(',', MAX_LOGOS)
    // An image follows the color-scheme of the page that shows it.
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
    return sendFile(request, reply, 'image/svg+xml', drawLogos(slugs), CACHE)
  })
}

/** @param names a name that no logo has is left out; names of one logo, in other capitals too, draw it once */
function drawLogos(names: readonly string[]): string {
  const found = names.flatMap((name) => readIcon(name) ?? [])
  const icons = [...new Map(found.map((icon) => [icon.slug, icon])).values()]
  const parts = icons.map(({ slug, path }, at) => {
    const top = at * SIDE
    return `<view id="${slug}" viewBox="0 ${top} ${SIDE} ${SIDE}"/><path d="${path}" transform="translate(0 ${top})"/>`
  })
  const box = `viewBox="0 0 ${SIDE} ${Math.max(1, icons.length) * SIDE}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box}><style>${STYLE}</style>${parts.join('')}</svg>`
}
