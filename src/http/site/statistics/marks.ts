import type { Administration, AuditEntry } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { HOUR_MS, writeHour } from '../../../time.ts'
import { figure } from '../written.ts'

/** Entries of the audit log that are looked at. */
const MAX_ENTRIES = 50

/** A change of a page's number by an operator or owner, for everybody: neither who it was nor why is said. */
export interface Mark {
  /** Milliseconds since 1970, UTC. */
  at: number
  /** A sentence without its full stop. */
  text: string
}

/** The latest changes of a page's number, newest first. @param address of the page, or an alias of it */
export async function readMarks(admin: Administration, address: PageKey): Promise<Mark[]> {
  const entries = await admin.audit({ page: address, before: null, limit: MAX_ENTRIES })
  const [newest] = entries
  if (newest === undefined) return []
  const page = (await admin.page(address, { from: 0, to: 0 }))?.page ?? address
  /** The keys that the page has had. */
  const keys = new Set<unknown>([page])
  return entries.flatMap((entry) => {
    const after = valuesOf(entry.after)
    if (entry.action === 'rename' && keys.has(after.page)) keys.add(valuesOf(entry.before).page)
    // Entries of a page that was merged into this one are not about its number, except for the last.
    if (!keys.has(entry.action === 'merge' ? after.page : entry.page)) return []
    const text = sentenceOf(entry)
    return text === null ? [] : [{ at: entry.at, text }]
  })
}

/** What a change did; null for one that leaves the number as it is. Other pages are not named. */
function sentenceOf({ action, before, after }: AuditEntry): string | null {
  const [was, is] = [valuesOf(before).hits, valuesOf(after).hits]
  const fromTo = `from ${numberOf(was)} to ${numberOf(is)}`
  switch (action) {
    case 'set':
      return was === undefined ? `Number set to ${numberOf(is)}` : `Number set ${fromTo}`
    case 'add':
      return `Number changed ${fromTo}`
    case 'reset':
      return `Number set back from ${numberOf(was)} to 0`
    case 'merge':
      return `The ${numberOf(was)} hits of another page added, which makes ${numberOf(is)}`
    case 'rename':
      return 'The page got this address, and kept its number'
    case 'take-back': {
      const hour = writeHour(Date.parse(String(valuesOf(after).hour)) / HOUR_MS)
      return `Hits of ${hour} taken back: number ${fromTo}`
    }
    default:
      return null
  }
}

const valuesOf = (value: unknown) => (value ?? {}) as Readonly<Record<string, unknown>>
const numberOf = (value: unknown) => figure(typeof value === 'number' ? value : 0)
