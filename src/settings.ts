import { isIP } from 'node:net'
import { resolve } from 'node:path'

// Readers of settings' values, for config.ts. Each throws an Error that says what is wrong with the value. If the value
// may contain a password, the message does not repeat it.

/** Splits at line breaks if there are any, else at commas: patterns may contain commas. */
export function splitList(input: string): string[] {
  const items = input
    .split(input.includes('\n') ? '\n' : ',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  if (items.length === 0 && input.trim() !== '') throw new Error(`"${input}" names nothing`)
  return items
}

export function parameterNames(input: string): string[] {
  const names = [...new Set(splitList(input))]
  const wrong = names.find((name) => /[\s;&=?#*]/.test(name))
  if (wrong !== undefined) {
    throw new Error(`"${wrong}" is not the name of a query parameter; separate names by commas`)
  }
  return names
}

export function wholeNumber(min: number, max: number) {
  return (input: string) => {
    const value = Number(input)
    if (!/^\d+$/.test(input.trim()) || value < min || value > max) {
      throw new Error(`"${input}" is not a whole number from ${min} to ${max}, in digits alone`)
    }
    return value
  }
}

/** An IPv6 address may be written in brackets, as in a URL. */
export function hostName(input: string): string {
  const name = input.trim().replace(/^\[(.*)\]$/, '$1')
  if (isIP(name) === 0 && !/^[a-z\d_]([\w.-]*\w)?$/i.test(name)) {
    throw new Error(
      `"${input}" is not a name or an address alone, such as localhost, 0.0.0.0 or ::; PORT says the port`,
    )
  }
  return name
}

export function databaseFile(input: string): string {
  const path = /^\s*(?:file|sqlite):\/\/+(.*)$/is.exec(input)?.[1]
  if (path !== undefined) {
    throw new Error(`is written as a URL; write the path alone: /${path}`)
  }
  // The address may contain a password, so the message does not repeat it.
  if (/^\s*[a-z][a-z\d+.-]+:\/\/|^\s*(postgres(ql)?|mysql|sqlite):|\bpassword=/i.test(input)) {
    throw new Error('is the address of a server and not a file; DATABASE_URL is for PostgreSQL')
  }
  const name = input.trim()
  if (name === '' || /^(:|file:)|[\\/]$/.test(name)) {
    throw new Error(`"${input}" is not a file; the numbers have to be kept somewhere`)
  }
  return absolutePath(name)
}

export function absolutePath(input: string): string {
  const path = input.trim()
  if (path.startsWith('~')) {
    throw new Error(`"${path}" begins with ~, which only a shell replaces; write the path in full`)
  }
  if (/\$\w|\$\{/.test(path)) {
    throw new Error(`"${path}" holds a variable that nothing has replaced; write the path in full`)
  }
  return resolve(path)
}

export function oneOf<Choice extends string>(choices: readonly Choice[]) {
  return (input: string) => {
    const choice = choices.find((each) => each === input.trim().toLowerCase())
    if (!choice) throw new Error(`"${input}" is not one of ${choices.join(', ')}`)
    return choice
  }
}

export function baseUrl(input: string): string {
  const url = URL.parse(input.trim())
  const plain = url && /^https?:$/.test(url.protocol) && !/[?#@]/.test(input)
  if (!plain || !/^([\w.-]+|\[[\da-f:.]+\])$/.test(url.hostname)) {
    throw new Error(`"${input}" is not an http or https address such as https://hits.example.org`)
  }
  return url.href.replace(/\/+$/, '')
}

/** The value may contain a password, so the message does not repeat it. */
export function postgresUrl(input: string): string {
  const url = URL.parse(input.trim())
  // If the password contains an unencoded slash, URL takes the rest of it for the path.
  const name = url?.pathname.slice(1) ?? ''
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || name === '' || name.includes('@')) {
    throw new Error('is not an address such as postgres://user:password@host:5432/name')
  }
  return input.trim()
}

export function trustedProxies(input: string): boolean | string[] {
  const value = input.trim().toLowerCase()
  if (value === 'true' || value === 'false') return value === 'true'
  const named = ['loopback', 'linklocal', 'uniquelocal']
  const items = splitList(value)
  const wrong = items.find((item) => !named.includes(item) && !isRange(item))
  if (wrong !== undefined) {
    throw new Error(
      `"${wrong}" is not true, false, an address, a range such as 10.0.0.0/8, or ${named.join(', ')}; ` +
        'commas separate several',
    )
  }
  return items.some(isEverybody) ? true : items
}

export function addressRanges(input: string): string[] {
  const items = splitList(input)
  const wrong = items.find((item) => !isRange(item))
  if (wrong !== undefined) {
    throw new Error(
      `"${wrong}" is not an address, or a range such as 192.0.2.0/24 or 2001:db8::/32; commas separate several`,
    )
  }
  const everybody = items.find(isEverybody)
  if (everybody !== undefined) {
    throw new Error(`"${everybody}" is every address, so that no visit would be left to count`)
  }
  return items
}

const isEverybody = (range: string) => /\/0+$/.test(range)

function isRange(item: string): boolean {
  const [address = '', bits, ...rest] = item.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  if (bits === undefined) return true
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
}

/** The defaults as the environment would contain them, so that edited defaults are read and checked in the same way. */
export function writeDefaults(
  settings: Record<string, { default?: unknown }>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, { default: value }]) =>
      value === undefined || value === null ? [] : [[name, writeDefault(name, value)]],
    ),
  )
}

function writeDefault(name: string, value: unknown): string {
  const write = (item: unknown) => {
    if (!(item instanceof RegExp)) return String(item)
    const flags = item.flags.replace(/[^ims]/g, '')
    const source = flags === '' ? item.source : `(?${flags})${item.source}`
    return name === 'UNTRACKED_PAGES' ? `/${source}/` : source
  }
  return Array.isArray(value) ? value.map((item) => `${write(item)}\n`).join('') : write(value)
}

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
