import { promises, statSync } from 'node:fs'

/** How often the files are looked for, in ms. Together with a look that is slow it stays below a second. */
const EVERY_MS = 500

/** Which file a path names; a copy in its place is another one. */
interface Identity {
  dev: bigint
  ino: bigint
}

/**
 * Makes sure that the files of an open database stay where they are. SQLite notices nothing: it goes on writing into
 * a file that was deleted, or that another one was moved over, and all of that is gone at the end.
 * @param file the database, which is open, and so has its log beside it
 * @param onChange called with what has happened, as the end of a sentence; with null when the files are back
 * @returns what ends it
 */
export function watchFiles(file: string, onChange: (lost: string | null) => void): () => void {
  const log = `${file}-wal`
  const opened = [file, log].map((path) => [path, statSync(path, { bigint: true })] as const)
  let lost: string | null = null
  let isLooking = false
  let isStopped = false

  async function look(): Promise<void> {
    // A disk that stalls answers late, and says nothing about the files until then.
    if (isLooking) return
    isLooking = true
    let now: string | null = null
    for (const [path, identity] of opened) now ??= await missing(path, identity)
    isLooking = false
    if (isStopped || now === lost) return
    lost = now
    onChange(lost)
  }

  const timer = setInterval(look, EVERY_MS).unref()
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
    // Whatever else keeps the path from being looked at, the open files are as good as before.
    return code === 'ENOENT' || code === 'ENOTDIR' ? `${path} was removed` : null
  }
}
