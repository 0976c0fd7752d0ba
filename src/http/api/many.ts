import Type, { type Static } from 'typebox'
import type { PageKey } from '../../page.ts'
import type { Refusal } from '../../refusal.ts'
import { explain, OUTCOMES } from '../../visit.ts'
import { problemOf } from '../problem.ts'
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

const Body = exactly({
  pages: Type.Array(Type.String({ minLength: 1, maxLength: 16_384 }), {
    minItems: 1,
    maxItems: MAX_PAGES,
    description: 'The addresses or names of pages',
  }),
})
const Url = Type.String({ description: 'The page as it was sent' })
const Numbered = exactly({
  url: Url,
  page: Page,
  hits: Whole("The page's number"),
  counted: Type.Boolean({ description: 'Whether this visit counted' }),
  outcome: Type.Enum([...OUTCOMES], { type: 'string' }),
  message: Type.String({ description: 'Whether it counted, and if not, why, in one sentence' }),
})
const Refused = exactly({
  url: Url,
  problem: Type.Unsafe<ReturnType<typeof problemOf>>({ $ref: 'Problem#' }),
})
const Answer = exactly({
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
  const visited = new Map<PageKey, Promise<Counted>>()
  const cookies: string[] = []
  /** Refusals that are the service's own. */
  const failures: Refusal[] = []

  function visit(url: string): { page: PageKey; answer: Promise<Counted> } {
    const read = visits.read(request, { url }, counts)
    const { page } = read
    const known = visited.get(page)
    if (known) return { page, answer: known }
    const reserved = read.reserved || visited.size >= MAX_WINDOWS
    const answer = counter.count({ ...read, reserved, spans: [], now }).then((counted) => {
      if (counted.token) cookies.push(setCookie(request, read.cookie, counted.token))
      return counted
    })
    visited.set(page, answer)
    return { page, answer }
  }

  async function answer(url: string, at: number): Promise<Entry> {
    try {
      // The request itself was counted as the first page.
      if (at > 0) await limitFurther(request)
      const { page, answer } = visit(url)
      const { count, decision } = await answer
      const { outcome } = decision
      const counted = outcome === 'counted'
      return { url, page, hits: count, counted, outcome, message: explain(decision) }
    } catch (error) {
      const refusal = refuser.read(error as Error, request)
      if (refusal.status >= 500) failures.push(refusal)
      return { url, problem: { ...problemOf(refusal), field: `pages[${at}]` } }
    }
  }

  const entries = await Promise.all(body.pages.map(answer))
  if (failures.length === entries.length) throw failures[0]
  if (cookies.length > 0) reply.header('set-cookie', cookies)
  return entries
}
