import Type, { type Static } from 'typebox'
import type { PageKey } from '../../page.ts'
import type { Refusal } from '../../refusal.ts'
import { SharedSlices } from '../../slices.ts'
import { explain, OUTCOMES } from '../../visit.ts'
import { problemOf } from '../problem.ts'
import { tooMany } from '../rate-limits.ts'
import { windowCookies } from '../visit.ts'
import { type Call, resource } from './resource.ts'
import { exactly, Page, Whole } from './types.ts'

/** Pages of one request. */
const MAX_PAGES = 100
/**
 * Windows that one request opens, each with a cookie. nginx refuses an answer whose headers have more than 4 kB, and browsers keep
 * some 180 cookies of a site.
 */
const MAX_WINDOWS = 10
/** To read an address may take a part of a millisecond, so all requests together take turns with other work. */
const slices = new SharedSlices()

const Body = exactly({
  pages: Type.Array(Type.String({ minLength: 1, maxLength: 16_384 }), {
    minItems: 1,
    maxItems: MAX_PAGES,
    description: 'The addresses or names of pages',
  }),
})
const Url = Type.String({ description: 'The page as it was sent' })
const Numbered = Type.Object({
  url: Url,
  page: Page,
  hits: Whole("The page's number"),
  counted: Type.Boolean({ description: 'Whether this visit counted' }),
  outcome: Type.Enum([...OUTCOMES], { type: 'string' }),
  message: Type.String({ description: 'Whether it counted, and if not, why, in one sentence' }),
})
const Refused = Type.Object({
  url: Url,
  problem: Type.Unsafe<ReturnType<typeof problemOf>>({ $ref: 'Problem#' }),
})
const Answer = Type.Object({
  pages: Type.Array(Type.Union([Numbered, Refused]), {
    description: 'In the order of the request: each page with its number, or why it is refused',
  }),
})

const many = (counts: boolean, summary: string) =>
  resource({
    ...{ summary, about: 'open', query: exactly({}), body: Body, answer: Answer },
    example: '{"pages": ["https://example.com/a", "https://example.com/b"]}',
    read: async (call) => ({ pages: await answerAll(call, counts) }),
  })

export const countMany = many(true, 'Counts a visit of each of up to 100 pages')
export const readMany = many(false, 'Reads the numbers of up to 100 pages, and counts nothing')

type Asked = Call<unknown, Static<typeof Body>>
type Entry = Static<typeof Answer>['pages'][number]
type Counted = Awaited<ReturnType<Asked['parts']['counter']['count']>>

/**
 * Counts or reads each page by the rules of /count. A page that is named twice is visited once. All numbers are on disk when it
 * resolves.
 * @throws the refusal of the first page, if the service could answer none of them
 */
async function answerAll({ body, parts, request, reply, now }: Asked, counts: boolean) {
  const { counter, visits, refuser, limitFurther } = parts
  const setCookie = windowCookies(request.server, parts.settings.visits.windowMs)
  // The request itself was counted as the first page.
  const allowed = 1 + (await limitFurther(request, body.pages.length - 1))
  const visited = new Map<PageKey, Promise<Counted>>()
  const cookies: string[] = []
  /** Refusals that are the service's own. */
  const failures: Refusal[] = []

  function visit(url: string): { page: PageKey; counting: Promise<Counted> } {
    const read = visits.read(request, { url }, counts)
    const { page } = read
    const known = visited.get(page)
    if (known) return { page, counting: known }
    const reserved = read.reserved || visited.size >= MAX_WINDOWS
    const counting = counter.count({ ...read, reserved, spans: [], now }).then((counted) => {
      if (counted.token) cookies.push(setCookie(request, read.cookie, counted.token))
      return counted
    })
    visited.set(page, counting)
    return { page, counting }
  }

  async function entryOf(url: string, at: number): Promise<Entry> {
    try {
      if (at >= allowed) throw tooMany()
      const { page, counting } = visit(url)
      const { count, decision } = await counting
      const { outcome } = decision
      const counted = outcome === 'counted'
      return { url, page, hits: count, counted, outcome, message: explain(decision) }
    } catch (error) {
      const refusal = refuser.read(error as Error, request)
      if (refusal.status >= 500) failures.push(refusal)
      return { url, problem: { ...problemOf(refusal), field: `pages[${at}]` } }
    }
  }

  const answering: Promise<Entry>[] = []
  for (const [at, url] of body.pages.entries()) {
    await slices.turn()
    answering.push(entryOf(url, at))
  }
  const entries = await Promise.all(answering)
  if (failures.length === entries.length) throw failures[0]
  if (cookies.length > 0) reply.header('set-cookie', cookies)
  return entries
}
