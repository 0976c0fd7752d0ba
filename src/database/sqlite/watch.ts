import { closeSync, openSync, promises, readSync, statSync } from 'node:fs'
import { APPLICATION_ID } from './condition.ts'

/** How often the files are looked for, in ms. Together with a look that is slow it stays below a second. */
const EVERY_MS = 500

/** Where a database's header has the number of changes, and whose file it is. */
const HEADER = { bytes: 100, changes: 24, application: 68 }

/** What has become of the files of a database. */
export interface Lost {
  /** The end of a sentence. */
  reason: string
  /** The file is the same, and its content is not: what is in the log does not belong to it. */
  overwritten: boolean
}

/** Which file a path names; a copy in its place is another one. */
interface Identity {
  dev: bigint
  ino: bigint
}

/**
 * Makes sure that the files of an open database stay where they are, and that nobody copies something else over it.
 * SQLite notices nothing: it goes on writing into a file that was deleted, or that another one was moved over, and all of
 * that is gone at the end. A whole database that is copied over it is noticed where it has seen fewer changes of its
 * first block.
 * @param file the database, which is open, and so has its log beside it
 * @param onChange called with what has happened; with null when the files are back
 * @returns what ends it, and what frees the file, to be called when the database is closed
 */
export function watchFiles(
  file: string,
  onChange: (lost: Lost | null) => void,
): { stop(): void; release(): void } {
  const log = `${file}-wal`
  const opened = [file, log].map((path) => [path, statSync(path, { bigint: true })] as const)
  // Kept open: to close any descriptor of a file gives up all locks that this process has on it, SQLite's too.
  const descriptor = openSync(file, 'r')
  let lost: Lost | null = null
  /** What the header has said; null before it has said that the file is Tallymark's. */
  let changes: number | null = null
  let isLooking = false
  let isStopped = false

  async function look(): Promise<void> {
    // A disk that stalls answers late, and says nothing about the files until then.
    if (isLooking) return
    isLooking = true
    let now: Lost | null = null
    for (const [path, identity] of opened) {
      const reason = await missing(path, identity)
      if (reason !== null) now ??= { reason, overwritten: false }
    }
    now ??= overwritten()
    isLooking = false
    if (isStopped || lost?.overwritten || now?.reason === lost?.reason) return
    lost = now
    onChange(lost)
  }

  function overwritten(): Lost | null {
    const found = readHeader(descriptor)
    // A new file's first block may stand in the log alone.
    if (changes === null && !found.isOurs) return null
    if (found.isOurs && found.changes >= (changes ?? 0)) {
      changes = found.changes
      return null
    }
    return { reason: `something else was copied over ${file}`, overwritten: true }
  }

  const timer = setInterval(look, EVERY_MS).unref()
  return {
    stop() {
      isStopped = true
      clearInterval(timer)
    },
    release: () => closeSync(descriptor),
  }
}

async function missing(path: string, { dev, ino }: Identity): Promise<string | null> {
  try {
    const found = await promises.stat(path, { bigint: true })
    return found.dev === dev && found.ino === ino
      ? null
      : `another file was put in place of ${path}`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Whatever else keeps the path from being looked at, the open files are as good as before.
    return code === 'ENOENT' || code === 'ENOTDIR' ? `${path} was removed` : null
  }
}

/** The system has it in memory: to read it takes some microseconds. */
function readHeader(descriptor: number): { isOurs: boolean; changes: number } {
  const header = Buffer.alloc(HEADER.bytes)
  if (readSync(descriptor, header, 0, HEADER.bytes, 0) < HEADER.bytes) {
    return { isOurs: false, changes: 0 }
  }
  return {
    isOurs: header.readUInt32BE(HEADER.application) === APPLICATION_ID,
    changes: header.readUInt32BE(HEADER.changes),
  }
}
