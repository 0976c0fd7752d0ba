import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/**
 * Reads a text file that an operator names, in UTF-8. Devices and pipes, which may never end, are not read.
 * @param maxBytes the most that it may hold
 * @throws Error, made to be read by the operator
 */
export function readSmallFile(file: string, maxBytes: number): string {
  // Without O_NONBLOCK, a pipe that nobody writes to would hold the start up for ever.
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error(`${file} is not a file`)
    const bytes = Buffer.alloc(maxBytes + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(descriptor, bytes, length, bytes.length - length, null)
    }
    if (length > maxBytes) throw new Error(`${file} is larger than ${maxBytes} bytes`)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length))
    } catch (error) {
      throw new Error(`${file} is not text in UTF-8`, { cause: error })
    }
  } finally {
    closeSync(descriptor)
  }
}
