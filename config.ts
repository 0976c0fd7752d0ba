/**
 * Every setting of Tallymark, one line each: the environment variable that sets it, its default, its unit.
 * `readSettings` hands them on in groups, one for each part of the service, with all times in milliseconds.
 * Set them in the environment, or edit the defaults here: Node runs this file as it is.
 * docs/configuration.md explains each setting in full; a test checks that it covers this list.
 */
import { type CleanedEnv, customCleanEnv, makeExactValidator } from 'envalid'
import {
  absolutePath,
  addressRanges,
  baseUrl,
  databaseFile,
  hostName,
  oneOf,
  Problems,
  parameterNames,
  postgresUrl,
  runChecks,
  secret,
  splitList,
  trueOrFalse,
  trustedProxies,
  valuesIn,
  wholeNumber,
  writeDefaults,
} from './src/settings.ts'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const text = makeExactValidator<string>((input) => input.trim())
const list = makeExactValidator<string[]>((input) => [...new Set(splitList(input))])
const parameters = makeExactValidator<string[]>(parameterNames)
const host = makeExactValidator<string>(hostName)
const path = makeExactValidator<string>(absolutePath)
const file = makeExactValidator<string>(databaseFile)
const publicUrl = makeExactValidator<string>(baseUrl)
const database = makeExactValidator<string>(postgresUrl)
const proxies = makeExactValidator<boolean | string[]>(trustedProxies)
const ranges = makeExactValidator<string[]>(addressRanges)
const flag = makeExactValidator<boolean>(trueOrFalse)
const token = makeExactValidator<string>(secret)
const bots = makeExactValidator<'ignore' | 'count'>(oneOf(['ignore', 'count']))
const withoutCookie = makeExactValidator<'count' | 'fingerprint'>(oneOf(['count', 'fingerprint']))
const durability = makeExactValidator<'full' | 'normal'>(oneOf(['full', 'normal']))
const statistics = makeExactValidator<'public' | 'private'>(oneOf(['public', 'private']))
const logLevel = makeExactValidator<(typeof LOG_LEVELS)[number]>(oneOf(LOG_LEVELS))
const whole = (min: number, max: number) => makeExactValidator<number>(wholeNumber(min, max))
const nonEmpty = makeExactValidator<string>((input) => {
  if (input.trim() === '') throw new Error('must not be empty')
  return input.trim()
})

// Hosts that exist only on the visitor's own machine or network, so the home page should not list them.
const PRIVATE_HOSTS = [
  String.raw`^localhost(:\d+)?$`,
  String.raw`\.(localhost|local|internal|test|lan|home\.arpa)(:\d+)?$`,
  String.raw`^(0|10|127)\.\d+\.\d+\.\d+(:\d+)?$`,
  String.raw`^(192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\.\d+\.\d+(:\d+)?$`,
  String.raw`^\[(::1?|f[cd][0-9a-f:.]*|fe[89ab][0-9a-f:.]*)\](:\d+)?$`,
]

/* biome-ignore format: one setting a line is easier to read and to edit */
export const settings = {
  HOST: host({ default: 'localhost', desc: 'Name or address to listen on; 0.0.0.0 or :: for every interface' }),
  PORT: whole(0, 65535)({ default: 8080, desc: 'TCP port to listen on; 0 takes a free one' }),
  DATABASE_FILE_PATH: file({ default: 'data/tallymark.db', desc: 'SQLite database file, made with its folder if it is not there' }),
  DATABASE_URL: database({ default: undefined, desc: 'PostgreSQL database to count into instead, such as postgres://user:password@host/name; any number of services may share it' }),
  DATABASE_READ_URL: database({ default: undefined, desc: 'A replica of that database, for requests that only read; its numbers may be slightly old' }),
  DURABILITY: durability({ default: 'full', desc: 'full: a visit is on disk before it is answered; normal: a power cut may lose the visits of the last seconds' }),
  MAX_WAITING: whole(1, 1_000_000)({ default: 10_000, desc: 'Visits that may wait for the disk at once; more are answered 503' }),
  MAX_PAGES: whole(0, 1_000_000_000)({ default: 10_000_000, desc: 'Pages that may be counted in all; pages that exist already are still counted; 0 sets no limit' }),
  MAX_PAGES_PER_HOST: whole(0, 1_000_000_000)({ default: 0, desc: 'Pages that may be counted of one host; 0 sets no limit' }),
  KEEP_HOURS_DAYS: whole(0, 36_500)({ default: 90, desc: 'Days for which hits are kept by the hour; older ones are kept by the day; 0 keeps all hours' }),
  KEEP_HISTORY_DAYS: whole(0, 36_500)({ default: 0, desc: 'Days for which numbers over time are kept; totals are always kept; 0 keeps all for ever' }),
  TIME_ZONE: nonEmpty({ default: 'UTC', desc: 'Time zone in which days begin when the tag names none: an IANA name such as Europe/Berlin' }),
  ACTIVE_MINUTES: whole(1, 1440)({ default: 10, desc: 'Minutes for which a counted visit is shown as active' }),
  RATE_LIMIT: whole(0, 1_000_000)({ default: 0, desc: 'Requests a minute that one address may make, image proxies aside; 0 sets no limit' }),
  RATE_LIMIT_NOT_FOUND: whole(0, 1_000_000)({ default: 0, desc: 'Requests a minute that one address may make to routes that do not exist; 0 sets no limit' }),
  LIVE_LIMIT: whole(0, 100_000)({ default: 1000, desc: 'Streams of live visits that may be open at once; more are answered 503' }),
  WINDOW_SECONDS: whole(0, 31_536_000)({ default: 300, desc: "Seconds in which one browser's visits to one page count once; 0 counts every visit" }),
  TOKEN_LENGTH: whole(8, 64)({ default: 12, desc: 'Length of the random part of a window cookie, in characters of 0-9A-Za-z' }),
  WITHOUT_COOKIE: withoutCookie({ default: 'count', desc: 'count: each visit of a browser that keeps no cookie counts; fingerprint: it is recognised for a window by a keyed hash in memory' }),
  LIMIT_PER_ADDRESS: whole(0, 100_000)({ default: 0, desc: 'Counted visits that one address may have whose windows have not ended, image proxies aside; 0 sets no limit' }),
  LIMIT_PER_ADDRESS_AND_PAGE: whole(0, 100_000)({ default: 0, desc: 'The same for one page: counted visits of one address whose windows have not ended; 0 sets no limit' }),
  BOTS: bots({ default: 'ignore', desc: 'ignore: visits of known crawlers do not count; count: they count' }),
  UNTRACKED_AGENTS: list({ default: [], desc: 'Words; a user agent with one of them in it does not count' }),
  UNTRACKED_PAGES: list({ default: [], desc: 'Pages whose number is shown but never grows: a page and all pages below it, or a pattern between slashes' }),
  EXCLUDE_ADDRESSES: ranges({ default: [], desc: 'Addresses and ranges, such as 192.0.2.0/24, whose visits do not count' }),
  BAN_ADDRESSES: ranges({ default: [], desc: 'Addresses and ranges whose every request is refused' }),
  ALLOW_PAGES: list({ default: [], desc: 'Patterns; if there are any, only pages that match one are counted or shown' }),
  DENY_PAGES: list({ default: [], desc: 'Patterns; pages that match one are refused, whatever ALLOW_PAGES says' }),
  KEEP_QUERY: parameters({ default: [], desc: 'Names of query parameters that tell pages apart; all others are dropped' }),
  TOP_HOSTS: whole(0, 100)({ default: 10, desc: 'Hosts listed on the home page; 0 lists none' }),
  TOP_PAGES: whole(0, 100)({ default: 10, desc: 'Pages listed on the home page; 0 lists none' }),
  TOP_IGNORE: list({ default: PRIVATE_HOSTS, desc: 'Patterns; hosts that match one are left out of both lists' }),
  STATS: statistics({ default: 'public', desc: 'public: everybody sees the statistics of pages and hosts; private: only operators do, and owners those of their own pages; badges stay public' }),
  TRUST_PROXY: proxies({ default: false, desc: 'Whose X-Forwarded-* headers to believe: false, true (anyone), or addresses and ranges, loopback, linklocal, uniquelocal' }),
  PUBLIC_URL: publicUrl({ default: undefined, desc: 'Where people reach this service, for the tags that the home page writes; default: where the page was opened' }),
  ADMIN: flag({ default: false, desc: 'true: the operator signs in at /admin, and scripts use /api/v1/admin; false: there are no such routes' }),
  ADMIN_TOKEN: token({ default: undefined, desc: 'Lets scripts in, as Authorization: Bearer; at least 32 characters' }),
  PURGE_DAYS: whole(1, 36_500)({ default: 30, desc: 'Days after which a page that was removed is purged, with its number' }),
  BADGE_LABEL: text({ default: 'hits', desc: "Text on a badge's left side when the tag names none; may be empty" }),
  BADGE_COLOR: nonEmpty({ default: '#2d880b', desc: "Colour of a badge's right side when the tag names none" }),
  BADGE_TEMPLATE_FILE: path({ default: undefined, desc: 'An SVG file of your own with {count} in it, drawn instead of the built-in badge' }),
  FACES_DIR: path({ default: undefined, desc: 'A folder of ten digits of your own, 0.svg to 9.svg, or of such folders: faces by the name of their folder' }),
  FONTS_DIR: path({ default: undefined, desc: 'A folder of TrueType or OpenType fonts for the PNGs of badges, for letters that the built-in fonts lack' }),
  LOG_LEVEL: logLevel({ default: 'warn', desc: `Least severe messages to log, as JSON lines: ${LOG_LEVELS.join(', ')}` }),
}

/** The settings by the names of their variables. A setting that names a file is its path, until `Checks` has read the file. */
export type Config<Template = string, Faces = string> = Omit<
  CleanedEnv<typeof settings>,
  'BADGE_TEMPLATE_FILE' | 'FACES_DIR'
> & { BADGE_TEMPLATE_FILE: Template | undefined; FACES_DIR: Faces | undefined }

/**
 * Further checks, by code that config.ts does not import. Each throws an Error that says what is wrong. What it returns, such
 * as a file's content, takes the place of the value; a check that returns nothing leaves the value as it is.
 */
export type Checks<Template = unknown, Faces = unknown> = {
  [Name in keyof Config]?: (value: NonNullable<Config[Name]>) => unknown
} & { BADGE_TEMPLATE_FILE?: (file: string) => Template; FACES_DIR?: (folder: string) => Faces }

/** The settings by the part of the service that they are for. */
export type Settings<Template = unknown, Faces = unknown> = ReturnType<
  typeof group<Template, Faces>
>

function group<Template, Faces>(config: Config<Template, Faces>) {
  const activeMs = config.ACTIVE_MINUTES * 60_000
  return {
    http: {
      host: config.HOST,
      port: config.PORT,
      logLevel: config.LOG_LEVEL,
      trustProxy: config.TRUST_PROXY,
      publicUrl: config.PUBLIC_URL,
      banned: config.BAN_ADDRESSES,
      /** Requests a minute from one address, in all and to routes that do not exist; 0 for no limit. */
      rateLimit: config.RATE_LIMIT,
      rateLimitNotFound: config.RATE_LIMIT_NOT_FOUND,
      /** Streams of live visits that may be open at once. */
      liveLimit: config.LIVE_LIMIT,
    },
    database: {
      file: config.DATABASE_FILE_PATH,
      url: config.DATABASE_URL,
      readUrl: config.DATABASE_READ_URL,
      options: {
        durability: config.DURABILITY,
        maxWaiting: config.MAX_WAITING,
        maxPages: config.MAX_PAGES,
        maxPagesPerHost: config.MAX_PAGES_PER_HOST,
        activeMs,
      },
    },
    pages: {
      keepQuery: config.KEEP_QUERY,
      allow: config.ALLOW_PAGES,
      deny: config.DENY_PAGES,
      untracked: config.UNTRACKED_PAGES,
    },
    visits: {
      /** 0 when windows are off. */
      windowMs: config.WINDOW_SECONDS * 1000,
      tokenLength: config.TOKEN_LENGTH,
      /** Whether to recognise a browser without a cookie. */
      fingerprint: config.WITHOUT_COOKIE === 'fingerprint',
      limit: config.LIMIT_PER_ADDRESS,
      pageLimit: config.LIMIT_PER_ADDRESS_AND_PAGE,
      bots: config.BOTS,
      untrackedAgents: config.UNTRACKED_AGENTS,
      excluded: config.EXCLUDE_ADDRESSES,
    },
    /** Who may see statistics. */
    statistics: config.STATS,
    history: {
      timeZone: config.TIME_ZONE,
      activeMs,
      /** Days for which hits are kept by the hour, and numbers over time at all; 0 for ever. */
      keepHoursDays: config.KEEP_HOURS_DAYS,
      keepHistoryDays: config.KEEP_HISTORY_DAYS,
    },
    top: {
      hosts: config.TOP_HOSTS,
      pages: config.TOP_PAGES,
      ignore: config.TOP_IGNORE,
    },
    admin: {
      isOn: config.ADMIN,
      token: config.ADMIN_TOKEN,
      purgeDays: config.PURGE_DAYS,
    },
    badge: {
      label: config.BADGE_LABEL,
      color: config.BADGE_COLOR,
      template: config.BADGE_TEMPLATE_FILE,
      faces: config.FACES_DIR,
      fonts: config.FONTS_DIR,
    },
  }
}

/** Its message names every wrong setting, one a line, for a person to read. */
export class ConfigError extends Error {}

// An empty value counts as not set, because compose files pass such values. For these settings it has a meaning.
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['BADGE_LABEL', 'TOP_IGNORE'])

// Settings that need no value.
const OPTIONAL: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'DATABASE_READ_URL',
  'PUBLIC_URL',
  'ADMIN_TOKEN',
  'BADGE_TEMPLATE_FILE',
  'FACES_DIR',
  'FONTS_DIR',
])

/** Reads the settings, in groups. @throws ConfigError as `readConfig` does */
export function readSettings<Template, Faces>(
  checks: Checks<Template, Faces>,
  environment?: NodeJS.ProcessEnv,
): Settings<Template, Faces> {
  return group(readConfig(checks, environment))
}

/**
 * Reads the settings from environment variables. Defaults are checked as if they were set there.
 * @throws ConfigError that names every wrong setting
 */
export function readConfig<Template, Faces>(
  checks: Checks<Template, Faces>,
  environment: NodeJS.ProcessEnv = process.env,
): Config<Template, Faces> {
  const problems = new Problems()
  const { given, names } = valuesIn(environment, settings, MAY_BE_EMPTY, problems)
  const defaults = writeDefaults(settings)
  for (const name of Object.keys(settings)) {
    if (name in defaults || names.has(name) || OPTIONAL.has(name)) continue
    problems.add(name, 'has no value')
  }
  const report = ({ errors }: { errors: object }) => {
    for (const [name, error] of Object.entries(errors)) problems.add(name, error)
  }
  const copy = (env: object) => ({ ...env }) as Config
  const config = customCleanEnv({ ...defaults, ...given }, settings, copy, { reporter: report })
  const checked = runChecks(config, checks, problems)
  for (const [name, why] of contradictions(config, names)) problems.add(name, why)
  if (problems.size > 0) throw new ConfigError(problems.report(names))
  return checked as Config<Template, Faces>
}

/** The names of all variables in the environment. */
export function environmentNames(environment: NodeJS.ProcessEnv = process.env): string[] {
  return Object.keys(environment)
}

/** Settings that are valid on their own but not together. */
function contradictions(
  config: Config,
  given: ReadonlySet<string>,
): [name: keyof Config, why: string][] {
  const {
    KEEP_HISTORY_DAYS: days,
    LIMIT_PER_ADDRESS: all,
    LIMIT_PER_ADDRESS_AND_PAGE: each,
  } = config
  const noWindow = config.WINDOW_SECONDS === 0
  const noLive = 'a visit is live for a window, and WINDOW_SECONDS=0 turns windows off'
  const noFingerprint =
    'fingerprint recognises a browser for a window, and WINDOW_SECONDS=0 turns windows off'
  const tooManyHours = `hours cannot be kept for longer than the history, which KEEP_HISTORY_DAYS keeps for ${days} days`
  /* biome-ignore format: one rule a line is easier to read */
  const rules: [is: boolean, name: keyof Config, why: string][] = [
    [noWindow && config.WITHOUT_COOKIE === 'fingerprint', 'WITHOUT_COOKIE', noFingerprint],
    [noWindow && all > 0, 'LIMIT_PER_ADDRESS', noLive],
    [noWindow && each > 0, 'LIMIT_PER_ADDRESS_AND_PAGE', noLive],
    [all > 0 && each > all, 'LIMIT_PER_ADDRESS_AND_PAGE', `is never reached, because LIMIT_PER_ADDRESS allows ${all} on all pages together`],
    [config.MAX_PAGES > 0 && config.MAX_PAGES_PER_HOST > config.MAX_PAGES, 'MAX_PAGES_PER_HOST', `is never reached, because MAX_PAGES allows ${config.MAX_PAGES} of all hosts together`],
    [given.has('KEEP_HOURS_DAYS') && days > 0 && config.KEEP_HOURS_DAYS > days, 'KEEP_HOURS_DAYS', tooManyHours],
    [config.DATABASE_READ_URL !== undefined && config.DATABASE_URL === undefined, 'DATABASE_READ_URL', 'is of use only with DATABASE_URL, which is not set'],
    [config.STATS === 'private' && !config.ADMIN, 'STATS', 'private shows statistics to operators and owners alone, and nobody can sign in without ADMIN=true'],
    [config.ADMIN === false && config.ADMIN_TOKEN !== undefined, 'ADMIN_TOKEN', 'is of use only with ADMIN=true, which is not set'],
  ]
  return rules.flatMap(([is, name, why]) => (is ? [[name, why]] : []))
}
