import assert from 'node:assert/strict'
import test from 'node:test'
import { agentReader, browserOf, isBot } from '../src/agent.ts'

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)'

const COUNTED: string[] = [
  '',
  // Browsers.
  `${CHROME} Chrome/153.0.0.0 Safari/537.36`,
  `${CHROME} Chrome/153.0.0.0 Safari/537.36 Edg/153.0.0.0`,
  'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
  'Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1',
  'w3m/0.5.3+git20230121',
  // Image proxies.
  'github-camo (0b06c4de)',
  'Camo Asset Proxy 2.3.0',
  'go-camo',
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
  'Camo Asset Proxy',
  'camo-rs asset proxy (+https://github.com/denschub/camo-rs)',
  'Mozilla/5.0',
  'Mozilla/5.0 (compatible; ImageFetcher/9.0; +http://images.weserv.nl/)',
  'Mozilla/5.0 (compatible; ImageFetcher/9.0; +https://images.weserv.nl/)',
  'Photon/1.0',
  'imgproxy/3.25.0',
  'Thumbor/7.7.0',
  'imaginary/1.2.4',
  'willnorris/imageproxy',
  'pict-rs v0.5.0-main',
  // Command lines and libraries.
  'curl/8.9.1',
  'Wget/1.24.5',
  'Wget2/2.1.0',
  'HTTPie/3.2.2',
  'xh/0.22.2',
  'PostmanRuntime/7.39.0',
  'insomnia/9.3.2',
  'node',
  'undici',
  'node-fetch/1.0 (+https://github.com/bitinn/node-fetch)',
  'axios/1.7.2',
  'got (https://github.com/sindresorhus/got)',
  'Deno/2.0.0',
  'Bun/1.1.20',
  'python-requests/2.32.3',
  'python-httpx/0.27.0',
  'Python-urllib/3.12',
  'Python/3.12 aiohttp/3.9.5',
  'Ruby',
  'Faraday v2.9.0',
  'GuzzleHttp/7',
  'libwww-perl/6.77',
  'Java/21.0.3',
  'Java-http-client/21.0.3',
  'Apache-HttpClient/4.5.14 (Java/21.0.3)',
  'okhttp/4.12.0',
  'Go-http-client/2.0',
  'reqwest/0.12.5',
  'Dart/3.4 (dart:io)',
  'ktor-client',
  'Ktor client',
  'PycURL/7.45 libcurl/8.9.1',
  'libcurl/8.9.1 r-curl/5.2 httr/1.4.7',
  'libsoup/3.4.4',
  'node-superagent/3.8.3',
  'excon/0.110.0',
  'Jakarta Commons-HttpClient/3.1',
  'Nim-httpclient/2.0.4',
  'ESP8266HTTPClient',
  'Dillo/3.1.0',
  'NetSurf/3.10 (Linux)',
  'URL/Emacs Emacs/29.1 (TTY; x86_64-pc-linux-gnu)',
]

const CRAWLERS: string[] = [
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  `${CHROME.replace('X11; Linux x86_64', 'Linux; Android 6.0.1; Nexus 5X Build/MMB29P')} Chrome/41 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
  'Googlebot-Image/1.0',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)',
  'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)',
  'DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)',
  'Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)',
  'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Twitterbot/1.0',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
  'TelegramBot (like TwitterBot)',
  'WhatsApp/2.23.20.0',
  'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
  'CCBot/2.0 (https://commoncrawl.org/faq/)',
  'Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)',
  'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
  'Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)',
  'Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)',
  'Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)',
  `${CHROME} HeadlessChrome/153.0.0.0 Safari/537.36`,
  'Scrapy/2.11.2 (+https://scrapy.org)',
  // Nearly an image proxy.
  'Mozilla/5.0 (compatible; MyBot/1.0)',
  'Mozilla/5.0 (compatible)',
  'Mozilla/4.0',
  'Mozilla/5.0 (compatible; ImageFetcher/1.0; +https://example.com/bot)',
  'Mozilla/5.0 (compatible; OGImageFetcher/1.0)',
  'Photon crawler',
  'Photon/1.0 (bot)',
  'imgproxy-scanner/1.0',
  // A picture in a chat is fetched once for all, and kept.
  'Slack-ImgProxy (+https://api.slack.com/robots)',
  // Built with a library, but a crawler.
  'python-requests/2.32.3 MyCrawler/1.0',
  'curl/8.9.1 (compatible; ExampleBot/1.0)',
  'Go-http-client/1.1 (spider; +https://example.com)',
  'not a github-camo bot',
  'my-build/1.0 curl/8',
  'requester/1.0',
  'gotcha/1',
  'github-camo (Googlebot)',
  'Go-http-client/1.1 (compatible; uptime-kuma)',
  'Java/1.8 Nutch',
]

for (const agent of COUNTED) {
  test(`"${agent}" counts`, () => assert.equal(isBot(agent), false))
}
for (const agent of CRAWLERS) {
  test(`"${agent}" is a robot`, () => assert.equal(isBot(agent), true))
}

test('a cached user agent is read the same, and a missing one is not a robot', () => {
  const read = agentReader('ignore', ['UpTime'])
  const known = [undefined, '', 'curl/8', CRAWLERS[0], 'my-UPTIME-check', 'go-camo']
  const told = () => known.map((agent) => Object.values(read(agent)).map(Number).join(''))
  assert.deepEqual(told(), ['000', '000', '000', '010', '011', '100'])
  assert.deepEqual(told(), ['000', '000', '000', '010', '011', '100'])
  const all = agentReader('count', [])
  assert.deepEqual(all(CRAWLERS[0]), { proxy: false, bot: false, untracked: false })
})

test('the family of a browser is told by a few rules', () => {
  for (const [agent, family] of [
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 OPR/120',
      'Opera on Windows',
    ],
    [
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
      'Chrome on Android',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/26.0 Safari/605.1',
      'Safari on macOS',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/140.0 Mobile Safari/604.1',
      'Chrome on iOS',
    ],
    [
      'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
      'Chrome on ChromeOS',
    ],
    ['curl/8.0', 'Another browser'],
    [undefined, 'Another browser'],
    ['<script>'.repeat(2000), 'Another browser'],
  ] as const) {
    assert.equal(browserOf(agent), family)
    assert.ok(browserOf(agent).length <= 40)
  }
})
