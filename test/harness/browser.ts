import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { build, type Scope } from './app.ts'
import { startSite } from './site.ts'
import { parseSvg } from './svg.ts'

const PACKAGES = join(import.meta.dirname, '../../node_modules')
const CACHE = join(PACKAGES, '.cache/tallymark-chromium')
const BIN = join(PACKAGES, '@sparticuz/chromium/bin')
const UNPACK = `
  import packaged, { inflate } from '@sparticuz/chromium'
  await packaged.executablePath(${JSON.stringify(BIN)})
  await inflate(${JSON.stringify(join(BIN, 'al2023.tar.br'))})
`
/** Whether the browser is the one from npm, whose version is known. */
export const PACKAGED = process.platform === 'linux' && process.arch === 'x64'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * Chromium from npm (Linux x64), else the Chrome or Chromium that is installed. A run without a browser fails, because much of what
 * this service promises is about cookies.
 */
async function findBrowser(): Promise<{ executablePath: string; env: Record<string, string> }> {
  if (PACKAGED) return unpack()
  const installed = [
    '/usr/bin/google-chrome',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ].find((path) => existsSync(path))
  if (!installed) {
    throw new Error(
      'NO BROWSER: the browser tests need Linux x64, or Chrome or Chromium installed.',
    )
  }
  return { executablePath: installed, env: {} }
}

/** Unpacks the package once for all test processes: into a folder of its own, then moved into place whole. */
async function unpack(): Promise<{ executablePath: string; env: Record<string, string> }> {
  if (!existsSync(CACHE)) {
    mkdirSync(join(PACKAGES, '.cache'), { recursive: true })
    const fresh = mkdtempSync(join(PACKAGES, '.cache/unpacking-'))
    // The package unpacks into the system's temporary folder. In a process of its own, that changes for no other test.
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
      cwd: PACKAGES,
      env: { ...process.env, TMPDIR: fresh },
    })
    // The package's own font list names folders of another system. This one still holds where node_modules is copied to.
    writeFileSync(
      join(fresh, 'fonts/fonts.conf'),
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
        <dir prefix="relative">.</dir><cachedir prefix="xdg">fonts-cache</cachedir>
      </fontconfig>`,
    )
    try {
      renameSync(fresh, CACHE)
    } catch (error) {
      // Another test process was faster; its copy is as good.
      if (!existsSync(CACHE)) throw error
      rmSync(fresh, { recursive: true, force: true })
    }
  }
  return {
    executablePath: join(CACHE, 'chromium'),
    env: {
      LD_LIBRARY_PATH: join(CACHE, 'al2023/lib'),
      FONTCONFIG_PATH: join(CACHE, 'fonts'),
      XDG_CACHE_HOME: CACHE,
    },
  }
}

/** Browsers by their flags and environment. Starting one takes longer than most tests. */
const browsers = new Map<string, Promise<Browser>>()
after(async () => {
  for (const browser of browsers.values()) await (await browser).close()
})

/** A browser that other tests use, too. */
export type SharedBrowser = Pick<Browser, 'newContext' | 'version'>

/**
 * The browser with these flags that all tests of a process share. The profiles that are made with what this returns
 * are closed when the scope ends.
 * @param more environment variables on top of the usual
 */
export async function launch(
  t: Scope,
  flags: string[] = [],
  more: Record<string, string> = {},
): Promise<SharedBrowser> {
  const contexts: BrowserContext[] = []
  t.after(async () => {
    for (const context of contexts) await context.close()
  })
  const key = JSON.stringify([flags, more])
  const starting = browsers.get(key) ?? start(flags, more)
  browsers.set(key, starting)
  const browser = await starting
  return {
    version: () => browser.version(),
    async newContext(options) {
      const context = await browser.newContext(options)
      contexts.push(context)
      return context
    },
  }
}

async function start(flags: string[], more: Record<string, string>): Promise<Browser> {
  const { executablePath, env } = await findBrowser()
  return chromium.launch({
    executablePath,
    env: { ...process.env, HOME: tmpdir(), ...env, ...more } as Record<string, string>,
    args: [
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--font-render-hinting=none',
      ...flags,
    ],
  })
}

/** A fresh profile with cookies of its own. Its user agent does not say `Headless`, which would make it a robot. */
export async function profile(
  browser: SharedBrowser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<BrowserContext> {
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`
  const context = await browser.newContext({ userAgent, ...options })
  context.setDefaultTimeout(10_000)
  return context
}

/**
 * Blocks third-party cookies. Playwright turns storage partitioning off, and with it the blocking; naming the
 * features to disable again replaces its list.
 */
export const BLOCKED = ['--test-third-party-cookie-phaseout', '--disable-features=MediaRouter']

/** The service on http://localhost, or another host, with a clock of the test's own; and a site on http://127.0.0.1. */
export async function embed(t: TestContext, env: Record<string, string> = {}, host = 'localhost') {
  const { origin, port, clock, get } = await build(t, { HOST: host, ...env })
  const site = await startSite(t)
  return { clock, get, site, port, origin }
}

/** The faults that axe finds on a page. @param rules the ids of the rules to check; without them, all */
export async function faultsOf(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE)
  const { violations } = await page.evaluate(
    (runOnly) =>
      (globalThis as never as { axe: typeof import('axe-core') }).axe.run(
        runOnly ? { runOnly } : {},
      ),
    rules,
  )
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)
}

/** Opens a page, or reloads it. @returns the number that its badge shows */
export async function shownBadge(page: Page, url: string | null): Promise<number> {
  const [response] = await Promise.all([
    page.waitForResponse((each) => each.request().resourceType() === 'image'),
    url === null ? page.reload() : page.goto(url),
  ])
  await page.waitForFunction(() => {
    const image = document.querySelector('img')
    return image?.complete && image.naturalWidth > 0
  })
  return Number(parseSvg(await response.text()).title.replace('hits: ', ''))
}

/** The number that a script has written on an open page. */
export async function shownText(page: Page): Promise<number> {
  await page.waitForFunction(() => document.querySelector('#hits')?.textContent)
  return Number(await page.textContent('#hits'))
}
