import { promises, statSync } from 'node:fs'

/** How often the files are checked, in ms. Even with a slow check, a loss is noticed within a second. */
const EVERY_MS = 500

/** Identifies a file: a copy in its place has other numbers. */
interface Identity {
  dev: bigint
  ino: bigint
}

/**
 * Checks regularly that the files of an open database are still there. SQLite does not notice if they are not: it
 * continues to write to a file that was deleted or replaced, and these writes are lost when it is closed.
 * @param file an open database, which therefore has a log beside it
 * @param onChange called with a description of what happened; with null when the files are back
 * @returns a function that stops the checks
 */
export function watchFiles(file: string, onChange: (lost: string | null) => void): () => void {
  const log = `${file}-wal`
  const opened = [file, log].map((path) => [path, statSync(path, { bigint: true })] as const)
  let lost: string | null = null
  let isChecking = false
  let isStopped = false

  async function check(): Promise<void> {
    // On a slow disk, a check can take longer than the interval.
    if (isChecking) return
    isChecking = true
    let now: string | null = null
    for (const [path, identity] of opened) now ??= await missing(path, identity)
    isChecking = false
    if (isStopped || now === lost) return
    lost = now
    onChange(lost)
  }

  const timer = setInterval(check, EVERY_MS).unref()
  return () => {
    isStopped = true
    clearInterval(timer)
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
