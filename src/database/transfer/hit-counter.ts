import { openToRead } from '../sqlite/readable.ts'

/** A row of hit-counter's only table. Its code allows values of any type in both columns. */
export interface HitCounterRow {
  id: number
  url: unknown
  count: unknown
}

export interface HitCounter {
  /** In the order of their ids. */
  rows(): AsyncIterable<HitCounterRow>
  /** See `Readable`. */
  lacksLog: boolean
  close(): void
}

/**
 * Opens a hit-counter database for reading.
 * @throws Error if the file is missing, or cannot be read as a database
 */
export function openHitCounter(file: string): HitCounter {
  const { driver, lacksLog, close } = openToRead(file, true)
  return {
    async *rows() {
      const read = driver.prepare<[], HitCounterRow>('select id, url, count from url order by id')
      yield* read.iterate()
    },
    lacksLog,
    close,
  }
}

/** The database is not the one that was imported under this name before. */
export class OtherSource extends Error {}

/**
 * Checks that a database is the one that was imported under its name before.
 * @param stored a JSON array of the marks that it had then: hashes of its first rows
 * @throws OtherSource
 */
export function checkMarks(stored: string, marks: readonly string[]): void {
  const known: string[] = JSON.parse(stored)
  // Half of them are enough, because the owner may have removed some of the rows.
  if (2 * known.filter((mark) => marks.includes(mark)).length >= known.length) return
  throw new OtherSource('another database was imported under this name')
}
