import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { build } from './app.ts'
import { launch, profile } from './browser.ts'
import { until } from './until.ts'

/** The service, whose clock goes, and a browser. */
export async function startMoving(t: TestContext, env: Record<string, string> = {}) {
  const service = await build(t, { HOST: 'localhost', ...env })
  const clock = setInterval(() => {
    service.clock.now += 50
  }, 50)
  t.after(() => clearInterval(clock))
  const browser = await launch(t)
  return { ...service, open: async (options = {}) => (await profile(browser, options)).newPage() }
}

export const textOf = (page: Page, selector: string) =>
  page.evaluate((name) => document.querySelector(name)?.textContent, selector)

/** Waits until a number is shown. @returns how long that took, in ms */
export async function shown(page: Page, selector: string, text: string): Promise<number> {
  const began = performance.now()
  await until(async () => (await textOf(page, selector)) === text)
  return performance.now() - began
}
