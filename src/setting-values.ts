import { isIP } from 'node:net'
import { resolve } from 'node:path'

// How the value of a setting is read. Each function throws an Error that says what is wrong with the value; where the
// value may hold a password, the message leaves it out.

/** Commas separate items. A pattern may hold commas, so one line break makes line breaks the only separator. */
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

export function wholeNumber(least: number, most: number) {
  return (input: string) => {
    const value = Number(input)
    if (!/^\d+$/.test(input.trim()) || value < least || value > most) {
      throw new Error(`"${input}" is not a whole number from ${least} to ${most}, in digits alone`)
    }
    return value
  }
}

/** An IPv6 address may stand in brackets, as in a URL. */
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
  // Such an address may hold a password, so it is not repeated.
  const path = /^\s*(?:file|sqlite):\/\/+(.*)$/is.exec(input)?.[1]
  if (path !== undefined) {
    throw new Error(`is written as a URL; write the path alone: /${path}`)
  }
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

/** There may be a password in the value. */
export function postgresUrl(input: string): string {
  const url = URL.parse(input.trim())
  // Where a password has a slash in it that is not encoded, the host would begin behind it.
  const named = url?.pathname.slice(1) ?? ''
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || named === '' || named.includes('@')) {
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
