import { hostOf, normalizePage, type PageKey, type PageRules } from './page.ts'
import { Refusal } from './refusal.ts'

// A site is a whole host. Its number is the sum of those of its pages that are not removed.

/**
 * The key of the counter of a whole host: its number is the sum of those of the host's pages that are not removed. No page
 * has such a key, because none begins with a slash.
 */
export function siteKey(host: string): PageKey {
  return `//${host}` as PageKey
}

/** The host whose counter has this key; null for the key of a page. */
export function hostOfSite(key: PageKey): string | null {
  return key.startsWith('//') ? key.slice(2) : null
}

/**
 * The host of `?site=`, as the key of its counter: the host of a page's address, with or without a scheme, but without a path.
 * What the operator's page rules make of it counts, as for pages.
 * @param site the parsed query value; a list if the parameter is given more than once
 * @throws Refusal `bad_page` if it is not a host, `blocked_page` if the operator's lists refuse it
 */
export function identifySite(site: unknown, rules: PageRules): PageKey {
  if (typeof site !== 'string')
    throw new Refusal('bad_page', 'two sites', 'Give site only once, and as text.')
  // Before the page rules, which may add a path.
  const named = normalizeHost(site)
  const host = hostOf(rules.rewriter?.read(site) ?? named) as PageKey
  const { isHostServed = rules.isServed } = rules
  if (!isHostServed(host)) {
    throw new Refusal('blocked_page', 'site not allowed', 'This counter does not serve that site.')
  }
  return siteKey(host)
}

/** @throws Refusal `bad_page` */
function normalizeHost(site: string): PageKey {
  let key: PageKey | null = null
  try {
    key = normalizePage(site)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
  // A query and a fragment are dropped from a page's key, but a site has neither.
  if (key === null || hostOf(key) !== key || /[?#]/.test(site)) {
    throw new Refusal(
      'bad_page',
      'bad site',
      'site must be the host of pages, such as example.com, without a path.',
    )
  }
  return key
}
