import { chmodSync, chownSync } from 'node:fs'

/** The user nobody, who owns no files. */
export const NOBODY = 65_534

/**
 * Runs work as a user who may not write to a folder. Root may write to any, so the process becomes nobody meanwhile.
 * @param own folders that the user may write to
 */
export async function asStranger<Result>(
  closed: string,
  own: string[],
  work: () => Promise<Result>,
): Promise<Result> {
  chmodSync(closed, 0o555)
  const isRoot = process.geteuid?.() === 0
  if (isRoot) {
    for (const folder of own) chownSync(folder, NOBODY, NOBODY)
    process.setegid?.(NOBODY)
    process.seteuid?.(NOBODY)
  }
  try {
    return await work()
  } finally {
    if (isRoot) {
      process.seteuid?.(0)
      process.setegid?.(0)
    }
    chmodSync(closed, 0o755)
  }
}
