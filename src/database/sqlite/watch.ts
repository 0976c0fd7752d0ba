import { closeSync, ftruncateSync, openSync, promises, statSync } from 'node:fs'
import { APPLICATION_ID } from './condition.ts'
import { readHeader } from './readable.ts'

/** How often the files are checked, in ms. Even with a slow check, a loss is noticed within a second. */
const EVERY_MS = 500

/** What has happened to the files of a database. */
interface Lost {
  /** The end of a sentence. */
  reason: string
  /** Something was copied over the file: the content of the log no longer belongs to it. */
  overwritten: boolean
}

/** Identifies a file: a copy in its place has other numbers. */
interface Identity {
  dev: bigint
  ino: bigint
}

/**
 * Checks regularly that the files of an open database are still there. SQLite does not notice if they are not: it
 * continues to write to a file that was deleted or replaced, and these writes are lost when it is closed. A file that is
 * copied over the database is noticed if it is not a database of Tallymark, or if its header counts fewer changes.
 * @param file an open database, which therefore has a log beside it
 * @param onChange called with a description of what happened; with null when the files are back. It must not throw
 * @returns `stop` ends the checks, `discardLog` removes the content of the log, even if the log was removed from its folder,
 *   and `release` closes the files, after the database is closed
 */
export function watchFiles(
  file: string,
  onChange: (lost: Lost | null) => void,
): { stop(): void; discardLog(): void; release(): void } {
  const log = `${file}-wal`
  const opened = [file, log].map((path) => [path, statSync(path, { bigint: true })] as const)
  // Stays open: when any descriptor of a file is closed, the process loses all its locks on the file, SQLite's too.
  const descriptor = openSync(file, 'r')
  const logDescriptor = openSync(log, 'r+')
  /** The changes that the header counts; null until the header shows that the file is Tallymark's. */
  let changes: number | null = null
  let lost: Lost | null = null
  let isChecking = false
  let isStopped = false

  async function check(): Promise<void> {
    // On a slow disk, a check can take longer than the interval.
    if (isChecking) return
    isChecking = true
    // First: if the log was removed, too, its content must not be moved into the other file.
    let now = overwritten()
    for (const [path, identity] of opened) {
      const reason = await missing(path, identity)
      if (reason !== null) now ??= { reason, overwritten: false }
    }
    isChecking = false
    if (isStopped || lost?.overwritten || now?.reason === lost?.reason) return
    lost = now
    onChange(lost)
  }

  function overwritten(): Lost | null {
    let header: ReturnType<typeof readHeader>
    try {
      header = readHeader(descriptor)
    } catch {
      // A disk that cannot be read does not mean that the file was lost.
      return null
    }
    const { application, changes: found } = header
    const isOurs = application === APPLICATION_ID
    // The first block of a new file may be in the log only.
    if (changes === null && !isOurs) return null
    if (isOurs && found >= (changes ?? 0)) {
      changes = found
      return null
    }
    return { reason: `something else was copied over ${file}`, overwritten: true }
  }

  const timer = setInterval(check, EVERY_MS).unref()
  return {
    stop() {
      isStopped = true
      clearInterval(timer)
    },
    discardLog: () => ftruncateSync(logDescriptor),
    release() {
      for (const each of [descriptor, logDescriptor]) closeSync(each)
    },
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
    // Other failures do not mean that the file was lost.
    return code === 'ENOENT' || code === 'ENOTDIR' ? `${path} was removed` : null
  }
}
