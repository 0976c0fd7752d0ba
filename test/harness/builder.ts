import type { Page } from 'playwright-core'

/** Opens the home page at an address, and waits until the server has said what its tag shows. */
export async function openHome(page: Page, url: string): Promise<void> {
  await page.bringToFront()
  await Promise.all([page.waitForResponse(/\/preview\.json/), page.goto(url)])
  await settled(page)
}

/** Waits until the preview stands still. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLImageElement>('.preview img')].every(
      (image) => image.complete && image.naturalWidth > 0,
    ),
  )
}

/** The tag as the home page shows it, in this markup, or in the one that is chosen. */
export async function tagOf(page: Page, markup?: string): Promise<string> {
  if (markup) await page.selectOption('#markup', markup)
  return page.inputValue('#snippet')
}

/** The query of the tag's address. */
export async function queryOfTag(page: Page): Promise<Record<string, string>> {
  return Object.fromEntries(new URL(await tagOf(page, 'Address')).searchParams)
}

/** Opens all folds of options, which loads their controls. */
export async function openFolds(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true
  })
  await page.waitForSelector('#label')
}
