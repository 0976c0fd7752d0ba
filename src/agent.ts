import { isbot } from 'isbot'
import { Cache } from './cache.ts'
import { isImageProxy } from './image-proxy.ts'

/**
 * Command-line clients and HTTP libraries, by the names that they give themselves when nobody names them otherwise.
 * isbot takes all of them for robots; here a number may be read and counted by a script.
 */
const CLIENTS = [
  // Command lines, and what people try APIs with.
  'curl|libcurl|pycurl|wget2?|libfetch|httpie|xh|xhr|aria2|lwp-request',
  'postmanruntime|insomnia|bruno-runtime|thunder client',
  // Browsers that are no Mozilla.
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
/** A crawler or a watchman that is built with one of them, and says so. */
const CRAWLER = /bot|crawl|spider|scan|nutch|scrapy|archiv|prerender|monitor|uptime|pingdom|health/i

/** What a user agent says of itself. */
export interface Agent {
  /** It fetches images for people; many of them share its address. */
  proxy: boolean
  bot: boolean
  /** An operator has named it. */
  untracked: boolean
}

/** Bytes for what is known of user agents, some 10,000 of ordinary length; and those of each. */
const MAX_KNOWN_BYTES = 4_000_000
const AGENT_BYTES = 40

/** Whether a user agent is a crawler's. Image proxies and clients of people are none; nor is one that is not named. */
export function isBot(userAgent: string): boolean {
  const forPeople = isImageProxy(userAgent) || CLIENT.test(userAgent)
  return forPeople ? CRAWLER.test(userAgent) : isbot(userAgent)
}

/**
 * A reader of user agents. isbot takes 3 us for each, and the same come again and again.
 * @param bots whether crawlers count
 * @param untracked words; an agent with one of them in it, in capitals or not, is not counted
 */
export function agentReader(bots: 'ignore' | 'count', untracked: readonly string[]) {
  const known = new Cache<Agent>(MAX_KNOWN_BYTES, () => AGENT_BYTES)
  const words = untracked.map((word) => word.toLowerCase())

  return function read(userAgent: string | undefined): Agent {
    const name = userAgent ?? ''
    const before = known.get(name)
    if (before) return before
    const lower = name.toLowerCase()
    const agent = {
      proxy: isImageProxy(name),
      bot: bots === 'ignore' && isBot(name),
      untracked: words.some((word) => lower.includes(word)),
    }
    known.set(name, agent)
    return agent
  }
}
