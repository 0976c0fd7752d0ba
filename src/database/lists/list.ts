import type { PageListQuery } from '../../store.ts'
import type { Span } from '../../time.ts'

/** A list as a whole: of all pages, of those of a host, or of all hosts. */
export type List = { of: 'pages'; host: string | null; today: Span } | { of: 'hosts' }

/** The values of a page in a list; `recent` is the time of its last hit in ms since 1970, 0 if it is not known. */
export const PAGE_COLUMNS: readonly PageListQuery['sort'][] = ['hits', 'today', 'recent']
/** The values of a host in the list of hosts. */
export const HOST_COLUMNS = ['hits', 'pages'] as const

/**
 * A host with so many pages at most is read for each request, without a thread. This takes 2 ms at most, and is right to the hit.
 */
export const SMALL_HOST = 200
