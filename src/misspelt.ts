/**
 * Names in the environment that look like misspelt settings, each with the setting that it most resembles. A setting
 * that is also given under its correct name is not suggested.
 */
export function misspeltSettings(
  names: readonly string[],
  settings: readonly string[],
): [name: string, setting: string][] {
  const given = new Set(names)
  const missing = settings.filter((setting) => !given.has(setting))
  const known = new Set(settings)
  return names
    .filter((name) => !known.has(name))
    .flatMap((name) => {
      const setting = nearest(name, missing)
      return setting === null ? [] : [[name, setting] as [string, string]]
    })
}

/** Names that other programs use for the same. */
const OTHER_NAMES = new Map([
  ['DATABASE_PATH', 'DATABASE_FILE_PATH'],
  ['DATABASE_FILE', 'DATABASE_FILE_PATH'],
  ['BLOCK_PAGES', 'DENY_PAGES'],
])

function nearest(name: string, settings: readonly string[]): string | null {
  const other = OTHER_NAMES.get(name.toUpperCase().replace(/^TALLYMARK_/, ''))
  if (other !== undefined && settings.includes(other)) return other
  // Kubernetes itself sets TALLYMARK_PORT in containers near a service named tallymark.
  const plain = name === 'TALLYMARK_PORT' ? name : name.toUpperCase().replace(/^TALLYMARK[_.-]/, '')
  const [best] = settings
    .map((setting) => ({
      setting,
      edits: distance(stem(plain), stem(setting)),
      near: near(plain, setting),
    }))
    .filter(({ near }) => near)
    .sort((a, b) => a.edits - b.edits)
  return best?.setting ?? null
}

/** Whether a name is near enough. Many other names resemble short ones such as HOST: there, only case may differ. */
function near(name: string, setting: string): boolean {
  if (setting.length < 6) return name === setting
  const length = stem(setting).length
  return distance(stem(name), stem(setting)) <= (length < 6 ? 0 : length < 12 ? 1 : 2)
}

/** A name without the parts that people get wrong most often: underscores, plurals and participles. */
function stem(name: string): string {
  return name
    .replace(/IES(?![A-Z])/g, 'Y')
    .replace(/(ED|E?S)(?![A-Z])/g, '')
    .replace(/[^A-Z\d]/g, '')
}

/** The edit distance: characters to insert, delete, replace or swap with the next to turn one text into the other. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (last[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1)
      let edits = Math.min(replaced, (last[j] as number) + 1, (row[j - 1] as number) + 1)
      if (from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        edits = Math.min(edits, (beforeLast[j - 2] as number) + 1)
      }
      row.push(edits)
    }
    beforeLast = last
    last = row
  }
  return last[to.length] as number
}
