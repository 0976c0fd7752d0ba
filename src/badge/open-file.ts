import { constants, openSync } from 'node:fs'

/** Opens a file for reading. Without O_NONBLOCK, opening a pipe that has no writer would block forever. */
export function openFile(file: string): number {
  return openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
}
