import type { Badges } from '../../../badge/badge.ts'
import { escapeHtml } from '../html.ts'

/** A kind of badge that the page of statistics offers. */
interface Kind {
  title: string
  path: (counts: boolean) => string
  options: string
  /** What the tag builder calls the kind of image. */
  image?: string
  isCard?: true
}

const tag = (counts: boolean) => `${counts ? 'count' : 'nocount'}/tag.svg`
const KINDS: readonly Kind[] = [
  { title: 'Plain', path: tag, options: '' },
  { title: 'With its last 30 days', path: tag, options: 'trend=30d&format=comma' },
  { title: 'Today and in total', path: tag, options: 'show=today-total' },
  { title: 'Card', path: () => 'graph.svg', options: '', image: 'card', isCard: true },
]
/** An operator's own badge shows only the number. */
const OWN_KINDS = KINDS.filter(({ isCard, options }) => isCard || options === '')

/**
 * The badges of a page or host with their tags. The images on the page count nothing; the tags do.
 * @param query that names the page or host, such as `url=example.com/a`
 * @param link the address of the page of statistics, to which the tags link
 */
export function tagsHtml(
  badges: Badges,
  base: string,
  query: string,
  link: string,
  builder: string,
): string {
  // The tag of a site stands on every page of it: the visit counts for the page that the Referer names.
  const policy = query.startsWith('site=') ? ' referrerpolicy="no-referrer-when-downgrade"' : ''
  const figures = (badges.own ? OWN_KINDS : KINDS).map(
    ({ title, path, options, image, isCard }) => {
      const search = [query, options].filter(Boolean).join('&')
      const code = `<a href="${link}"><img src="${base}/${path(true)}?${search}" alt="hits"${isCard ? '' : policy}></a>`
      const setup = [builder, options, image && `image=${image}`].filter(Boolean).join('&')
      const size = isCard ? ' class="graph" width="496" height="190"' : ' height="20"'
      const id = `tag-${title.toLowerCase().replace(/\W+/g, '-')}`
      return `<li>
            <h3>${title}</h3>
            <p><a href="./?${escapeHtml(setup)}" title="Change it in the tag builder"><img src="${path(false)}?${escapeHtml(search)}" alt="${title}: change this badge in the tag builder" loading="lazy"${size} /></a></p>
            <pre><code id="${id}">${escapeHtml(code)}</code></pre>
            <button class="scripted copy" type="button" data-of="${id}" aria-label="Copy the tag: ${title}">Copy</button>
          </li>`
    },
  )
  return `<ul class="tags">${figures.join('')}</ul>`
}
