import type { FastifyInstance } from 'fastify'
import type { Badges } from '../../badge/badge.ts'
import type { PageKey } from '../../page.ts'
import type { Calendar } from '../../period.ts'
import { Refusal } from '../../refusal.ts'
import type { Store } from '../../store.ts'
import type { RouteParts } from '../app.ts'
import { readDays } from '../card.ts'
import { ANY_OBJECT, describe } from '../openapi.ts'
import { answerRoute, sendJson } from '../reply.ts'
import type { Query } from '../request.ts'
import type { VisitReader } from '../visit.ts'

/** A wrong parameter: its name, and a sentence that says how it must be. */
interface Problem {
  name: string
  message: string
}

/** Addresses in `near` that are looked up at most. */
const MAX_NEAR = 4
const TIMES = ['period', 'within', 'tz'] as const

/**
 * /preview.json: all that the tag builder shows beside a badge: its page, everything that is wrong with the tag, and the numbers of
 * pages with a similar address, which are given as `near`. It is read-only, and a wrong tag is not an error here.
 */
export function previewRoute(app: FastifyInstance, parts: RouteParts): void {
  const { store, badges, visits, now } = parts
  const about = describe(
    'Service',
    'What the tag builder shows beside a badge: its page, all that is wrong, and similar pages',
    {},
    ANY_OBJECT,
  )
  answerRoute(app, '/preview.json', about, async (request, reply) => {
    const { near, ...query } = request.query as Query
    const at = now()
    const { appearance, problem } = badges.read(query)
    const { options, theme } = appearance
    const wrong = [
      ...(problem === null ? [] : wrongOptions(query, badges)),
      ...wrongTimes(query, parts.calendar, options.show, at),
      ...wrongDays(query),
    ]
    const named = typeof query.url === 'string' && query.url !== ''
    const page = named ? pageOf(query.url, visits) : null
    if (page instanceof Refusal) wrong.unshift({ name: 'url', message: page.message })
    const countOf = (page: PageKey) => countUnlessRemoved(store, page, at)
    const isPage = page !== null && !(page instanceof Refusal)
    const count = isPage ? await countOf(page) : null
    if (count instanceof Refusal) wrong.unshift({ name: 'url', message: count.message })
    const others = await Promise.all(
      [near ?? []]
        .flat()
        .slice(0, MAX_NEAR)
        .map(async (address) => {
          const other = pageOf(address, visits)
          if (other instanceof Refusal || other === page) return []
          const count = await countOf(other)
          return count instanceof Refusal ? [] : [{ address, page: other, count }]
        }),
    )
    const body = {
      page: isPage ? page : null,
      count: count instanceof Refusal ? null : count,
      near: others.flat(),
      wrong,
      // Whether light and dark ground get different colours.
      follows: theme === 'auto' && !badges.own,
    }
    sendJson(request, reply, JSON.stringify(body))
  })
}

/** The number of a page; the refusal if an operator has removed it. */
async function countUnlessRemoved(
  store: Store,
  page: PageKey,
  now: number,
): Promise<number | Refusal> {
  try {
    return (await store.replica.readPage(page, null, now)).count
  } catch (error) {
    if (error instanceof Refusal && error.code === 'removed') return error
    throw error
  }
}

function pageOf(url: unknown, visits: VisitReader): PageKey | Refusal {
  return refusalOr(() => visits.identify(url, undefined).page)
}

/** Reads each option by itself, so that all wrong ones are found. */
function wrongOptions(query: Query, badges: Badges): Problem[] {
  return Object.keys(badges.schema).flatMap((name) => {
    const value = query[name]
    if (value === undefined) return []
    const { problem } = badges.read({ [name]: value })
    return problem ? [{ name, message: problem.sentence }] : []
  })
}

/** Reads each parameter of time by itself, then all together, which may contradict each other. */
function wrongTimes(
  query: Query,
  calendar: Calendar,
  show: readonly string[] | null,
  now: number,
): Problem[] {
  const alone = TIMES.flatMap((name) => {
    const read = refusalOr(() => calendar.read({ [name]: query[name] }, now))
    return read instanceof Refusal ? [{ name, message: read.message }] : []
  })
  if (alone.length > 0) return alone
  const together = refusalOr(() =>
    show ? calendar.readAll(show, query, now) : calendar.read(query, now),
  )
  if (!(together instanceof Refusal)) return []
  return [{ name: show ? 'show' : 'period', message: together.message }]
}

function wrongDays(query: Query): Problem[] {
  const days = refusalOr(() => readDays(query))
  return days instanceof Refusal ? [{ name: 'days', message: days.message }] : []
}

function refusalOr<Value>(read: () => Value): Value | Refusal {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}
