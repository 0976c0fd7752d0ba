/** A database's name for people: a password is none of it. */
export function databaseName(url: string | undefined, file: string): string {
  if (url === undefined) return file
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}
