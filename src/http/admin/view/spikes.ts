import type { Spike } from '../../../admin.ts'
import { visitsIn } from '../../../tallies.ts'
import { HOUR_MS, hourOf, writeHour, writeTime } from '../../../time.ts'
import type { UncountedOutcome } from '../../../visit.ts'
import { fill } from '../../site/html.ts'
import { figure } from '../../site/written.ts'
import { buttonForm } from './form.ts'
import type { Context, View } from './frame.ts'
import { type Columns, pageLink, table, withQuery } from './html.ts'

/** Pages that are shown. */
const LIMIT = 25
/** Fewer hits in an hour are no spike. */
const MIN_HITS = 5
/** The latest hours that can be shown; earlier ones are in the history, but nobody looks for attacks there. */
const MAX_HOURS_AGO = 48

const COLUMNS: Columns = {
  Page: 'row',
  Hits: 'number',
  Usual: 'number',
  Bots: 'number',
  Repeats: 'number',
  Limited: 'number',
  'Take back': 'act',
}

/** `/admin/spikes`: the pages that grew most in an hour, against their own past. */
export async function spikesView(context: Context): Promise<View> {
  const { parts, query } = context
  const present = hourOf(parts.now())
  const hour = hourIn(query.hour, present)
  const grown = await parts.store.admin.spikes(hour, LIMIT)
  const spikes = grown.filter(({ hits }) => hits >= MIN_HITS)
  const rows = spikes.map((spike) => [
    pageLink(spike.page),
    figure(spike.hits),
    usual(spike.usual),
    share(spike, 'bot'),
    share(spike, 'repeat'),
    share(spike, 'limited'),
    takeBack(context, spike, hour),
  ])
  const shown = new Set([spikes.length > 0 ? 'some' : 'none'])
  if (hour < present) shown.add('later')
  if (hour > present - MAX_HOURS_AGO) shown.add('earlier')
  const main = fill(parts.templates.spikes, shown, {
    hour: hour === present ? `${writeTime(hour * HOUR_MS)} to now` : writeHour(hour),
    table: table('Pages that grew most', COLUMNS, rows),
    earlier: withQuery('spikes', { hour: String(hour - 1) }),
    later: withQuery('spikes', { hour: hour + 1 === present ? '' : String(hour + 1) }),
  })
  return { title: 'Spikes', main }
}

/** The hour that a query names; the present one if it names none, or one that is not shown. */
function hourIn(given: string | undefined, present: number): number {
  const hour = /^\d{1,7}$/.test(given ?? '') ? Number(given) : present
  return hour > present || hour < present - MAX_HOURS_AGO ? present : hour
}

/** A mean of hits, with one decimal where it is small. */
function usual(mean: number): string {
  return mean < 10 ? String(Math.round(mean * 10) / 10) : figure(Math.round(mean))
}

/** The share of an hour's visits that had an outcome. */
function share({ hits, uncounted }: Spike, outcome: UncountedOutcome): string {
  const all = uncounted.reduce((sum, { visits }) => sum + visits, hits)
  const visits = visitsIn(uncounted, outcome)
  const percent = (100 * visits) / all
  if (visits === 0) return '0%'
  return percent < 1 ? 'under 1%' : `${Math.round(percent)}%`
}

function takeBack(context: Context, { page, hits }: Spike, hour: number): string {
  const hidden = { page, action: 'take-back', hour: String(hour) }
  return buttonForm(context, 'page', hidden, `Take back ${figure(hits)}`, `hits of ${page}`)
}
