import { isbot } from 'isbot'
import { Cache } from './cache.ts'

/**
 * Programs that fetch an image for a person, by the user agents in their own source. Many visitors share the address of
 * such a program.
 */
const IMAGE_PROXIES = [
  // GitHub's Camo (atmos/camo) and the programs made after it: cactus/go-camo, denschub/camo-rs. GitLab, Gitea, Discourse
  // and others run them.
  '^(github-camo|camo asset proxy|camo-rs|go-camo)\\b',
  // The proxies of mail services: Gmail's, Yahoo's, and Apple's, which sends `Mozilla/5.0` and nothing else.
  'googleimageproxy|yahoomailproxy|^mozilla/5\\.0$',
  // images.weserv.nl and wsrv.nl (weserv/images), and Photon, which WordPress.com and Jetpack put before images.
  '\\bimagefetcher/[\\d.]+; \\+https?://images\\.weserv\\.nl/|^photon/\\d',
  // Programs that sites run themselves: imgproxy/imgproxy, thumbor/thumbor, h2non/imaginary, willnorris/imageproxy, and pict-rs,
  // which shows the images of Lemmy.
  '^(imgproxy|thumbor|imaginary)/\\d|^willnorris/imageproxy$|^pict-rs v\\d',
]
const IMAGE_PROXY = new RegExp(IMAGE_PROXIES.join('|'), 'i')

export function isImageProxy(userAgent: string | undefined): boolean {
  return userAgent !== undefined && IMAGE_PROXY.test(userAgent)
}

/**
 * Command-line clients and HTTP libraries, by their default user agents. isbot takes all of them for robots, but here
 * the visit of a script counts.
 */
const CLIENTS = [
  // Command lines, and tools for trying APIs.
  'curl|libcurl|pycurl|wget2?|libfetch|httpie|xh|xhr|aria2|lwp-request',
  'postmanruntime|insomnia|bruno-runtime|thunder client',
  // Browsers whose user agent does not begin with Mozilla.
  'lynx|w3m|e?links|dillo|netsurf|url/emacs',
  // JavaScript.
  'node|undici|node-fetch|axios|got|(node-)?superagent|needle|deno|bun|lightmyrequest',
  // Python, Ruby, PHP, Perl, Lua, R, Julia, Elixir.
  'python|python-requests|python-httpx|python-urllib\\d?|aiohttp|ruby|faraday|rest-client|excon',
  'typhoeus|http\\.rb|guzzlehttp|symfony httpclient|php|libwww-perl|http-tiny|lwp::simple',
  'mojolicious|lua-resty-http|httr2?|http\\.jl|hackney|mint|req',
  // Java, Go, Rust, C, C#, Dart, Swift, Nim.
  'java|java-http-client|apache-http(async)?client|jakarta commons-httpclient|okhttp|jersey|ahc',
  'google-http-java-client|reactornetty|vert\\.x-webclient|unirest-java|ktor[ -]client',
  'go-http-client|go-resty|reqwest|hyper|ureq|libsoup|cpp-httplib|restsharp|dart|alamofire',
  'nim-httpclient|esp(8266|32)httpclient',
]
const CLIENT = new RegExp(`^(${CLIENTS.join('|')})([/ ]|$)`, 'i')
/** Names of crawlers and monitors that are built with one of these clients. */
const CRAWLER = /bot|crawl|spider|scan|nutch|scrapy|archiv|prerender|monitor|uptime|pingdom|health/i

/** What is known about a user agent. */
export interface Agent {
  /** It is an image proxy: many people share its address. */
  proxy: boolean
  bot: boolean
  /** It is in the operator's list UNTRACKED_AGENTS. */
  untracked: boolean
}

/** Bytes of the cache, enough for some 10,000 user agents of ordinary length; and bytes of an entry. */
const MAX_KNOWN_BYTES = 4_000_000
const AGENT_BYTES = 40

/** Whether a user agent is a crawler. Image proxies and command-line clients are not, unless their name says so. */
export function isBot(userAgent: string): boolean {
  const forPeople = isImageProxy(userAgent) || CLIENT.test(userAgent)
  return forPeople ? CRAWLER.test(userAgent) : isbot(userAgent)
}

/**
 * @returns a function that says whether a text contains one of the words, in any case. V8 searches for all words at once: for
 *   10,000 it takes 1 us a user agent, and 115 ms to compile them at the first one
 */
export function wordFinder(words: readonly string[]): (text: string) => boolean {
  if (words.length === 0) return () => false
  const escaped = words.map((word) => word.toLowerCase().replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
  const anyWord = new RegExp(escaped.join('|'))
  return (text) => anyWord.test(text.toLowerCase())
}

/**
 * @returns a function that reads a user agent, with a cache: isbot takes 3 us, and most user agents come again
 * @param bots whether visits of crawlers count
 * @param untracked words; a user agent that contains one, in any case, does not count
 */
export function agentReader(bots: 'ignore' | 'count', untracked: readonly string[]) {
  const known = new Cache<Agent>(MAX_KNOWN_BYTES, () => AGENT_BYTES)
  const isUntracked = wordFinder(untracked)

  return function read(userAgent: string | undefined): Agent {
    const name = userAgent ?? ''
    const cached = known.get(name)
    if (cached) return cached
    const agent = {
      proxy: isImageProxy(name),
      bot: bots === 'ignore' && isBot(name),
      untracked: isUntracked(name),
    }
    known.set(name, agent)
    return agent
  }
}

/** Browsers by what their user agents contain. Those that are made from another one name it too, so the order matters. */
const BROWSERS = [
  ['Edge', /\bEdg(e|A|iOS)?\//],
  ['Opera', /\bOPR\/|\bOpera\b/],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Chrome|Chromium|CriOS)\//],
  ['Safari', /\bSafari\//],
] as const
const SYSTEMS = [
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(iPhone|iPad|iPod)\b/],
  ['Windows', /\bWindows\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMac OS X\b|\bMacintosh\b/],
  ['Linux', /\bLinux\b/],
] as const

/** The family of a browser, such as `Firefox on Linux`: enough to tell one's own browsers apart. */
export function browserOf(userAgent = ''): string {
  const find = (list: readonly (readonly [string, RegExp])[]) =>
    list.find(([, pattern]) => pattern.test(userAgent))?.[0]
  const system = find(SYSTEMS)
  const browser = find(BROWSERS) ?? 'Another browser'
  return system === undefined ? browser : `${browser} on ${system}`
}
