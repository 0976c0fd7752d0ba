import type { FastifyInstance } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { type CardOptions, drawCard } from '../badge/card/card.ts'
import type { Calendar } from '../period.ts'
import { Refusal } from '../refusal.ts'
import type { Store, Tally } from '../store.ts'
import { answerSender } from './answer.ts'
import { readAppearance } from './appearance.ts'
import { answerRoute } from './routes.ts'
import type { Query, VisitReader } from './visits.ts'

/** Days that a graph shows: where nothing is said, and at most. */
const DAYS = 30
const MAX_DAYS = 366

export interface CardParts {
  store: Store
  badges: Badges
  visits: Pick<VisitReader, 'identify'>
  calendar: Calendar
  now: () => number
}

export const sendSvg = answerSender('image/svg+xml; charset=utf-8')

/** /graph.svg: a page's history as a card. It leaves no trace. */
export function cardRoute(app: FastifyInstance, parts: CardParts): void {
  const { store, badges, visits, calendar, now } = parts
  answerRoute(app, '/graph.svg', (request, reply) => {
    const query = request.query as Query
    const appearance = readCardAppearance(query, badges)
    const at = now()
    const { timeZone } = calendar.read({ tz: query.tz }, at)
    const { page } = visits.identify(query, request.headers.referer)
    const days = calendar.latest(readDays(query), 'days', timeZone, at)
    const spans = days.map(({ span }) => span)
    // Histories are read one at a time, between two batches of hits: a year of days takes a while.
    Promise.all([store.replica.readPage(page, null, at), store.replica.history(page, spans)])
      .then(([{ count }, tallies]) => {
        const told = days.map(({ day }, index) => ({ day, hits: counted(tallies[index]) }))
        const total = count + appearance.base
        sendSvg(request, reply, drawCard({ ...appearance, title: page, total, days: told }), null)
      })
      .catch((error) => reply.send(error))
  })
}

const counted = (tallies: readonly Tally[] = []) =>
  tallies.find(({ outcome }) => outcome === 'counted')?.visits ?? 0

/** How a graph shall look: those of a badge's options that it has. */
export function readCardAppearance(
  query: Query,
  badges: Badges,
): Pick<CardOptions, 'color' | 'theme' | 'label' | 'scale'> & { base: number } {
  const { options, theme } = readAppearance(query, '/graph.svg', badges)
  const { color, label, scale, base } = options
  // A card is read on the page of its viewer; who wants one ground says so.
  return { color, label, scale, base, theme: options.theme === null ? 'auto' : theme }
}

/** @throws Refusal `bad_option` */
export function readDays({ days }: Query): number {
  if (days === undefined || days === '') return DAYS
  const given = typeof days === 'string' && /^\d{1,3}$/.test(days) ? Number(days) : 0
  if (given >= 1 && given <= MAX_DAYS) return given
  throw new Refusal('bad_option', 'bad days', `days must be a whole number from 1 to ${MAX_DAYS}.`)
}
