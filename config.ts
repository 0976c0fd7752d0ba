/**
 * Every setting of Tallymark, one line each: the environment variable that sets it, its default, its unit.
 * Set them in the environment, or edit the defaults here: Node runs this file as it stands.
 * docs/configuration.md explains each at more length, and a test holds it to this list.
 */
import { isIP } from 'node:net'
import { type CleanedEnv, customCleanEnv, makeExactValidator } from 'envalid'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const text = makeExactValidator<string>((input) => input)
const list = makeExactValidator<string[]>((input) => [...new Set(split(input))])
const patterns = makeExactValidator<RegExp[]>((input) => split(input).map(pattern))
const file = makeExactValidator<string>(fileName)
const publicUrl = makeExactValidator<string>(baseUrl)
const database = makeExactValidator<string>(postgresUrl)
const proxies = makeExactValidator<boolean | string[]>(trustedProxies)
const ranges = makeExactValidator<string[]>(addressRanges)
const pages = makeExactValidator<(string | RegExp)[]>((input) => split(input).map(pageOrPattern))
const bots = makeExactValidator<'ignore' | 'count'>(oneOf(['ignore', 'count']))
const withoutCookie = makeExactValidator<'count' | 'fingerprint'>(oneOf(['count', 'fingerprint']))
const durability = makeExactValidator<'full' | 'normal'>(oneOf(['full', 'normal']))
const logLevel = makeExactValidator<(typeof LOG_LEVELS)[number]>(oneOf(LOG_LEVELS))
const whole = (least: number, most: number) => makeExactValidator<number>(wholeNumber(least, most))
const nonEmpty = makeExactValidator<string>((input) => {
  if (input.trim() === '') throw new Error('must not be empty')
  return input.trim()
})

// Addresses that only mean something on the machine or network that asked: no list should show them.
const PRIVATE_HOSTS = [
  /^localhost(:\d+)?$/,
  /\.(localhost|local|internal|test|lan|home\.arpa)(:\d+)?$/,
  /^(0|10|127)\.\d+\.\d+\.\d+(:\d+)?$/,
  /^(192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\.\d+\.\d+(:\d+)?$/,
  /^\[(::1?|f[cd][0-9a-f:.]*|fe[89ab][0-9a-f:.]*)\](:\d+)?$/,
]

/* biome-ignore format: one setting a line is easier to read and to edit */
export const settings = {
  HOST: nonEmpty({ default: 'localhost', desc: 'Name or address to listen on; 0.0.0.0 or :: for every interface' }),
  PORT: whole(0, 65535)({ default: 8080, desc: 'TCP port to listen on; 0 takes a free one' }),
  DATABASE_FILE_PATH: file({ default: 'data/tallymark.db', desc: 'SQLite database file, made with its folder if it is not there' }),
  DATABASE_URL: database({ default: undefined, desc: 'PostgreSQL database to count into instead, such as postgres://user:password@host/name; any number of services may share it' }),
  DATABASE_READ_URL: database({ default: undefined, desc: 'A replica of that database, for those who only look; it may be a moment behind' }),
  DURABILITY: durability({ default: 'full', desc: 'full: an answered visit is on disk; normal: a power cut may take the last seconds' }),
  MAX_WAITING: whole(1, 1_000_000)({ default: 10_000, desc: 'Visits that may wait for the disk at once; more are answered 503' }),
  MAX_PAGES: whole(0, 1_000_000_000)({ default: 10_000_000, desc: 'Pages that may be counted in all; known ones count on; 0 sets no limit' }),
  MAX_PAGES_PER_HOST: whole(0, 1_000_000_000)({ default: 0, desc: 'Pages that may be counted of one host; 0 sets no limit' }),
  KEEP_HOURS_DAYS: whole(0, 36_500)({ default: 90, desc: 'Days for which hits are kept by the hour; older ones are kept by the day; 0 keeps all hours' }),
  KEEP_HISTORY_DAYS: whole(0, 36_500)({ default: 0, desc: 'Days for which numbers over time are kept, totals aside; 0 keeps them for ever' }),
  TIME_ZONE: nonEmpty({ default: 'UTC', desc: 'Where days begin, as an IANA name such as Europe/Berlin, when the tag names no zone' }),
  ACTIVE_MINUTES: whole(1, 1440)({ default: 10, desc: 'Minutes for which a counted visit is an active one' }),
  RATE_LIMIT: whole(0, 1_000_000)({ default: 0, desc: 'Requests a minute that one address may make, image proxies aside; 0 sets no limit' }),
  RATE_LIMIT_NOT_FOUND: whole(0, 1_000_000)({ default: 0, desc: 'Requests a minute that one address may make to routes that do not exist; 0 sets no limit' }),
  WINDOW_SECONDS: whole(0, 31_536_000)({ default: 300, desc: "Seconds in which one browser's visits to one page count once; 0 counts every visit" }),
  TOKEN_LENGTH: whole(8, 64)({ default: 12, desc: 'Length of the random part of a window cookie, in characters of 0-9A-Za-z' }),
  WITHOUT_COOKIE: withoutCookie({ default: 'count', desc: 'count: each visit of a browser that keeps no cookie counts; fingerprint: it is recognised for a window by a keyed hash in memory' }),
  LIMIT_PER_ADDRESS: whole(0, 100_000)({ default: 0, desc: 'Live visits that one address may have, image proxies aside; 0 sets no limit' }),
  BOTS: bots({ default: 'ignore', desc: 'ignore: crawlers that say so do not count; count: they do' }),
  UNTRACKED_AGENTS: list({ default: [], desc: 'Words; a user agent with one of them in it does not count' }),
  UNTRACKED_PAGES: pages({ default: [], desc: 'Pages that are shown and never counted: a page with all below it, or a pattern between slashes' }),
  EXCLUDE_ADDRESSES: ranges({ default: [], desc: 'Addresses and ranges, such as 192.0.2.0/24, whose visits do not count' }),
  BAN_ADDRESSES: ranges({ default: [], desc: 'Addresses and ranges that are refused, whatever they ask for' }),
  ALLOW_PAGES: patterns({ default: [], desc: 'Patterns; if there are any, only pages that match one are counted or shown' }),
  DENY_PAGES: patterns({ default: [], desc: 'Patterns; pages that match one are refused, whatever ALLOW_PAGES says' }),
  KEEP_QUERY: list({ default: [], desc: 'Names of query parameters that tell pages apart; all others are dropped' }),
  TOP_HOSTS: whole(0, 100)({ default: 10, desc: 'Hosts listed on the home page; 0 lists none' }),
  TOP_PAGES: whole(0, 100)({ default: 10, desc: 'Pages listed on the home page; 0 lists none' }),
  TOP_IGNORE: patterns({ default: PRIVATE_HOSTS, desc: 'Patterns; hosts that match one are left out of both lists' }),
  TRUST_PROXY: proxies({ default: false, desc: 'Whose X-Forwarded-* headers to believe: false, true (anyone), or addresses and ranges, loopback, linklocal, uniquelocal' }),
  PUBLIC_URL: publicUrl({ default: undefined, desc: 'Where people reach this service, for the tags that the home page writes; default: where the page was opened' }),
  BADGE_LABEL: text({ default: 'hits', desc: "Text on a badge's left side when the tag names none; may be empty" }),
  BADGE_COLOR: nonEmpty({ default: '#4c1', desc: "Colour of a badge's right side when the tag names none" }),
  BADGE_TEMPLATE_FILE: text({ default: undefined, desc: 'An SVG file of your own with {count} in it, drawn instead of the built-in badge' }),
  FACES_DIR: text({ default: undefined, desc: 'A folder of ten digits of your own, 0.svg to 9.svg, or of such folders: faces by the name of their folder' }),
  LOG_LEVEL: logLevel({ default: 'warn', desc: `Least severe messages to log, as JSON lines: ${LOG_LEVELS.join(', ')}` }),
}

export type Config = CleanedEnv<typeof settings>

/** Further checks of values that only other rooms understand: each throws an Error that says what is wrong. */
export type Checks = { [Name in keyof Config]?: (value: Config[Name]) => unknown }

/** Every wrong setting, one a line, in one message made to be read by a person. */
export class ConfigError extends Error {}

// An empty value means "not set" (compose files pass such ones), save where empty says something.
const EMPTY_SPEAKS: ReadonlySet<string> = new Set(['BADGE_LABEL', 'TOP_IGNORE'])

/**
 * Reads the settings from environment variables.
 * @throws ConfigError that names every wrong setting.
 */
export function readConfig(
  checks: Checks = {},
  environment: NodeJS.ProcessEnv = process.env,
): Config {
  const given = Object.entries(environment).filter(
    ([name, value]) => value?.trim() !== '' || EMPTY_SPEAKS.has(name),
  )
  const problems: string[] = []
  const config = customCleanEnv(
    Object.fromEntries(given),
    settings,
    (env) => ({ ...env }) as Config,
    {
      reporter: ({ errors }) => {
        for (const [name, error] of Object.entries(errors)) problems.push(problem(name, error))
      },
    },
  )
  for (const [name, check] of Object.entries(checks)) {
    if (problems.some((line) => line.startsWith(`  ${name}:`))) continue
    try {
      ;(check as (value: unknown) => unknown)(config[name as keyof Config])
    } catch (error) {
      problems.push(problem(name, error))
    }
  }
  if (config.DATABASE_READ_URL !== undefined && config.DATABASE_URL === undefined) {
    problems.push('  DATABASE_READ_URL: is of use only with DATABASE_URL, which is not set')
  }
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'A setting is' : `${problems.length} settings are`
    throw new ConfigError(
      `${count} wrong:\n${problems.join('\n')}\ndocs/configuration.md explains every setting.`,
    )
  }
  return config
}

function problem(name: string, error: unknown): string {
  return `  ${name}: ${error instanceof Error ? error.message : String(error)}`
}

// A regular expression may hold commas, so one line break makes line breaks the only separator.
function split(input: string): string[] {
  const items = input
    .split(input.includes('\n') ? '\n' : ',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  if (items.length === 0 && input.trim() !== '') throw new Error(`"${input}" names nothing`)
  return items
}

function pattern(source: string): RegExp {
  // JavaScript takes half of `a{1,3}`, cut at its comma, for plain text.
  const braces = source
    .replace(/\\.|\[[^\]]*\]/g, '')
    .replace(/[^{}]/g, '')
    .replaceAll('{}', '')
  if (braces !== '') {
    throw new Error(`"${source}" has half a pair of braces; put each pattern on a line of its own`)
  }
  try {
    return new RegExp(source)
  } catch {
    throw new Error(`"${source}" is not a regular expression`)
  }
}

function wholeNumber(least: number, most: number) {
  return (input: string) => {
    const value = Number(input)
    if (!/^\d+$/.test(input.trim()) || value < least || value > most) {
      throw new Error(`"${input}" is not a whole number from ${least} to ${most}`)
    }
    return value
  }
}

function fileName(input: string): string {
  const name = input.trim()
  if (name === '' || name.startsWith(':') || name.startsWith('file:')) {
    throw new Error(`"${input}" is not a file; the numbers have to be kept somewhere`)
  }
  return name
}

function oneOf<Choice extends string>(choices: readonly Choice[]) {
  return (input: string) => {
    const choice = choices.find((each) => each === input.trim().toLowerCase())
    if (!choice) throw new Error(`"${input}" is not one of ${choices.join(', ')}`)
    return choice
  }
}

function baseUrl(input: string): string {
  const url = URL.parse(input.trim())
  const plain = url && /^https?:$/.test(url.protocol) && !/[?#@]/.test(input)
  if (!plain) {
    throw new Error(`"${input}" is not an http or https address such as https://hits.example.org`)
  }
  return url.href.replace(/\/+$/, '')
}

/** Its errors leave the value out: there may be a password in it. */
function postgresUrl(input: string): string {
  const url = URL.parse(input.trim())
  // Where a password has a slash in it that is not encoded, the host would begin behind it.
  const named = url?.pathname.slice(1) ?? ''
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || named === '' || named.includes('@')) {
    throw new Error('is not an address such as postgres://user:password@host:5432/name')
  }
  return input.trim()
}

function trustedProxies(input: string): boolean | string[] {
  const value = input.trim().toLowerCase()
  if (value === 'true' || value === 'false') return value === 'true'
  const named = ['loopback', 'linklocal', 'uniquelocal']
  const items = split(value)
  const wrong = items.find((item) => !named.includes(item) && !isRange(item))
  if (wrong !== undefined) {
    throw new Error(
      `"${wrong}" is not true, false, an address, a range such as 10.0.0.0/8, or ${named.join(', ')}`,
    )
  }
  return items
}

function addressRanges(input: string): string[] {
  const items = split(input)
  const wrong = items.find((item) => !isRange(item))
  if (wrong !== undefined) {
    throw new Error(
      `"${wrong}" is not an address, or a range such as 192.0.2.0/24 or 2001:db8::/32`,
    )
  }
  return items
}

/** `/such/` is a pattern, anything else a page. */
function pageOrPattern(item: string): string | RegExp {
  const [, source] = /^\/(.+)\/$/.exec(item) ?? []
  return source === undefined ? item : pattern(source)
}

function isRange(item: string): boolean {
  const [address = '', bits, ...rest] = item.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  if (bits === undefined) return true
  if (!/^\d{1,3}$/.test(bits)) return false
  return Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128)
}
