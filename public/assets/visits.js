// The look-up of a page, and the lists of the most visited hosts and pages.
import { byId, here, number } from './page.js'
import { encode } from './snippets.js'

const lookup = byId('lookup', HTMLFormElement)
const lookupUrl = byId('lookup-url', HTMLInputElement)
lookup.addEventListener('submit', async (event) => {
  event.preventDefault()
  const url = lookupUrl.value.trim()
  const response = await fetch(`nocount?url=${encode(url)}`)
  const text = (await response.text()).trim()
  const result = byId('lookup-result', HTMLElement)
  if (!response.ok) {
    result.textContent = text
    return
  }
  const hits = document.createElement('strong')
  hits.textContent = number(Number(text))
  result.replaceChildren(hits, ` ${text === '1' ? 'visit' : 'visits'} of ${url}`)
})
lookupUrl.addEventListener('input', () => byId('lookup-result', HTMLElement).replaceChildren())

/**
 * @param {string} id
 * @param {{name: string, hits: number}[]} ranked
 * @param {boolean} linked
 */
function showRanks(id, ranked, linked) {
  const section = byId(id, HTMLElement)
  section.hidden = ranked.length === 0
  const most = ranked[0]?.hits ?? 1
  section.querySelector('ol')?.replaceChildren(
    ...ranked.map(({ name, hits }) => {
      const item = document.createElement('li')
      // A bare name is a page here, but has no address to link to.
      const isLink = linked && /^[^/]*\./.test(name)
      const title = document.createElement(isLink ? 'a' : 'span')
      title.textContent = name
      title.title = name
      if (title instanceof HTMLAnchorElement) {
        title.href = `http://${name}`
        title.rel = 'nofollow noopener noreferrer ugc'
      }
      const count = document.createElement('b')
      count.textContent = number(hits)
      const bar = document.createElement('progress')
      bar.max = most
      bar.value = hits
      bar.setAttribute('aria-hidden', 'true')
      item.append(title, count, bar)
      return item
    }),
  )
}

export async function showTop() {
  const response = await fetch('top.json')
  if (!response.ok) return
  const { hosts, pages } = await response.json()
  showRanks('top-hosts', hosts, false)
  showRanks('top-pages', pages, true)
  byId('top', HTMLElement).hidden = hosts.length + pages.length === 0
}

/** Hides the home page's own badge if this instance does not serve that page: its lists may refuse it. */
export async function showLive() {
  const response = await fetch(`nocount?url=${encode(here)}`)
  byId('live', HTMLElement).hidden = response.status === 403 || (await response.text()) === ''
}
