import { isIP } from 'node:net'
import { resolve } from 'node:path'

// What config.ts uses to read settings: first their values from the environment, then a reader for each kind of value. A
// reader throws an Error that says what is wrong with the value. If the value may contain a password, the message does not
// repeat it.

/** What is wrong with the settings: the first problem of each. */
export class Problems {
  readonly #found = new Map<string, string>()

  get size(): number {
    return this.#found.size
  }

  has(name: string): boolean {
    return this.#found.has(name)
  }

  add(name: string, error: unknown): void {
    if (this.#found.has(name)) return
    this.#found.set(name, error instanceof Error ? error.message : String(error))
  }

  /**
   * Names every wrong setting, one a line, for a person to read.
   * @param given the settings that the environment has
   */
  report(given: ReadonlySet<string>): string {
    const count = this.size === 1 ? 'A setting is' : `${this.size} settings are`
    const lines = [...this.#found].map(
      ([name, why]) => `  ${name}: ${why}${given.has(name) ? '' : ' (its default in config.ts)'}`,
    )
    return `${count} wrong:\n${lines.join('\n')}\ndocs/configuration.md explains every setting.`
  }
}

/**
 * The values of settings in the environment. An empty one counts as not set, except for those of `mayBeEmpty`.
 * @returns the values, without those in quotation marks, which become problems; and the names of both
 */
export function valuesIn(
  environment: NodeJS.ProcessEnv,
  settings: object,
  mayBeEmpty: ReadonlySet<string>,
  problems: Problems,
): { given: NodeJS.ProcessEnv; names: Set<string> } {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) =>
        Object.hasOwn(settings, name) && (value?.trim() !== '' || mayBeEmpty.has(name)),
    ),
  )
  const names = new Set(Object.keys(given))
  for (const [name, value = ''] of Object.entries(given)) {
    if (!/^(["'`]).*\1$/s.test(value.trim())) continue
    problems.add(name, 'is in quotation marks, which belong to the value here; leave them out')
    delete given[name]
  }
  return { given, names }
}

/** Runs the checks of settings that have no problem yet. @returns the settings, with what the checks returned */
export function runChecks(
  config: object,
  checks: object,
  problems: Problems,
): Record<string, unknown> {
  const checked: Record<string, unknown> = { ...config }
  for (const [name, check] of Object.entries(checks)) {
    if (problems.has(name) || checked[name] === undefined) continue
    try {
      checked[name] = check(checked[name]) ?? checked[name]
    } catch (error) {
      problems.add(name, error)
    }
  }
  return checked
}

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

export function trueOrFalse(input: string): boolean {
  return oneOf(['true', 'false'])(input) === 'true'
}

/** Characters of the shortest secret that a script may use, and of the longest. */
const MIN_SECRET = 32
const MAX_SECRET = 1000

/** A secret that clients send in a header. No message repeats it. */
export function secret(input: string): string {
  const value = input.trim()
  if (value.length < MIN_SECRET || value.length > MAX_SECRET) {
    throw new Error(
      `has ${value.length} characters, not ${MIN_SECRET} to ${MAX_SECRET}; openssl rand -hex 32 makes one`,
    )
  }
  if (!/^[!-~]+$/.test(value)) {
    throw new Error('has spaces, or characters that are not ASCII; openssl rand -hex 32 makes one')
  }
  return value
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
