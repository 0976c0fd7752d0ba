const GROUPS = new Intl.NumberFormat('en')

/** A whole number as it is read out and written large: `1,234`. */
export function grouped(count: number): string {
  return GROUPS.format(count)
}
