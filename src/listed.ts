import { hostOf, type PageKey, pageFilter } from './page.ts'
import { matchAny } from './pattern.ts'
import type { TopQuery } from './store.ts'

/** What a query for the lists of the home page lets be shown. */
export interface Listed {
  showsHost: (host: string) => boolean
  showsPage: (page: PageKey) => boolean
}

type Lists = Pick<TopQuery, 'rules' | 'ignore'>

let latest: { key: string; listed: Listed } | null = null

/** What the lists may show. The same patterns come again and again, and take some ms to compile, so they are kept. */
export function readListed({ rules, ignore }: Lists): Listed {
  const key = JSON.stringify([rules.allow, rules.deny, ignore])
  if (latest?.key === key) return latest.listed
  const isHidden = matchAny([...ignore, ...rules.deny])
  const isServed = pageFilter(rules)
  const showsHost = (host: string) => !isHidden(host)
  const listed = {
    showsHost,
    showsPage: (page: PageKey) => showsHost(hostOf(page)) && isServed(page),
  }
  latest = { key, listed }
  return listed
}
