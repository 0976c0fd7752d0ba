import { closeSync, fstatSync, readSync } from 'node:fs'
import { openFile } from '../open-file.ts'

/**
 * Reads an operator's text file in UTF-8. Devices and pipes are refused, because they may never end.
 * @throws Error with a message for the operator
 */
export function readSmallFile(file: string, maxBytes: number): string {
  const descriptor = openFile(file)
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
