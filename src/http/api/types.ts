import Type, { type TProperties } from 'typebox'
import { MAX_PART } from '../../store.ts'
import type { RouteParts } from '../app.ts'
import type { Subject } from '../visit.ts'

/** A query or a body, which may have no other properties. Answers are open: more fields may be added. */
export const exactly = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false })

export const Whole = (description: string) => Type.Integer({ minimum: 0, description })
export const OrNull = <Of extends Type.TSchema>(type: Of) => Type.Union([type, Type.Null()])
export const Time = (description: string) =>
  OrNull(Type.String({ format: 'date-time', description }))

const PAGE = 'The page, in its normal form'
export const Page = Type.String({ description: PAGE })
export const Host = Type.String({ description: 'The host, such as `example.com`' })

/** What an answer about one page or host is about. */
export const ABOUT = {
  page: OrNull(Type.String({ description: `${PAGE}; null for a host` })),
  site: OrNull(Type.String({ description: 'The host; null for a page' })),
}
export const aboutOf = ({ page, name }: Subject) =>
  page === null ? { page, site: name } : { page: page as string, site: null }
export const Zone = Type.String({ description: 'Where days begin, as an IANA name' })

/** A number of visits for each outcome. */
export const TALLIES = {
  counted: Whole('Visits that counted'),
  repeat: Whole('Visits of a browser that came again within the window'),
  bot: Whole('Visits of robots that say so'),
  excluded: Whole("Visits that the operator's settings or the visitor exclude"),
  limited: Whole('Visits from an address that had too many at once'),
}

/** Parameters that name a page or a host. */
export const SUBJECT_QUERY = {
  url: Type.Optional(
    Type.String({
      maxLength: 16_384,
      description: 'The page: its address, or a name',
      examples: ['https://example.com/a', 'my-project'],
    }),
  ),
  site: Type.Optional(
    Type.String({
      maxLength: 2048,
      description: 'A host in place of a page: its numbers are the sums of those of its pages',
      examples: ['example.com'],
    }),
  ),
}
export const TZ = Type.Optional(
  Type.String({
    maxLength: 64,
    description: "Where days begin, as an IANA name; else the instance's time zone",
    examples: ['Europe/Berlin', 'UTC'],
  }),
)

/** Parameters by which lists are searched and read page by page. */
export const LIST_QUERY = {
  part: Type.Optional(
    Type.String({
      maxLength: MAX_PART,
      pattern: '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*$',
      description: 'Text that the name contains, in any case',
      examples: ['blog'],
    }),
  ),
  after: Type.Optional(
    Type.String({ maxLength: 8192, description: '`next` of the answer before, to read on' }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, description: 'Entries of an answer; else 50' }),
  ),
}
export const LIMIT = 50
/** What ends each part of a list. */
export const LIST_END = {
  next: OrNull(
    Type.String({ description: 'What to send as `after` to read on; null at the end of the list' }),
  ),
  at: Type.String({ format: 'date-time', description: 'When the list was read' }),
}

/** What the operator leaves out of lists. */
export const shownOf = ({ watcher, settings }: RouteParts) => ({
  rules: watcher.book.served,
  ignore: settings.top.ignore,
})

/** How version 1 writes a time. */
export const isoTime = (at: number) => new Date(at).toISOString()
export const isoTimeOrNull = (at: number | null) => (at === null ? null : isoTime(at))
