import { resolve } from 'node:path'

/** A database's name for people: a file's whole path, and an address without the password. */
export function databaseName(url: string | undefined, file: string): string {
  if (url === undefined) return resolve(file)
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}
