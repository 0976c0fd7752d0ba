/** The source is another one than was imported under its name. */
export class OtherSource extends Error {}

/**
 * Makes sure that a database is the one that was imported under its name before.
 * @param stored a JSON array of the marks it had then
 * @throws OtherSource
 */
export function checkMarks(stored: string, marks: readonly string[]): void {
  const known: string[] = JSON.parse(stored)
  // Its owner may have removed some of its first rows.
  if (2 * known.filter((mark) => marks.includes(mark)).length >= known.length) return
  throw new OtherSource('another database was imported under this name')
}
