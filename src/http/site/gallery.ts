import type { Badges } from '../../badge/badge.ts'
import { FACE_NAMES } from '../../badge/digits/faces.ts'
import { queryOf, type Sample, SHELVES, type Shelf } from '../../badge/examples.ts'
import { escapeHtml, fill } from './html.ts'

/** `/gallery`: examples of all that badges can show, drawn by this instance. It works without a script. */
export function galleryPage(html: string, badges: Badges): string {
  const shelves = [...SHELVES, ...ownDigits(badges)]
  return fill(html, new Set(badges.own ? ['own'] : []), {
    contents: shelves
      .map(({ title }) => `<li><a href="#${anchorOf(title)}">${escapeHtml(title)}</a></li>`)
      .join('\n          '),
    shelves: shelves.map((shelf) => shelfHtml(shelf, badges)).join('\n        '),
  })
}

/** Samples of the digits in FACES_DIR, which only this instance has. */
function ownDigits({ schema }: Badges): Shelf[] {
  const { field } = schema.face
  const builtIn: readonly string[] = FACE_NAMES
  const own = field.kind === 'choice' ? field.choices.filter((face) => !builtIn.includes(face)) : []
  const samples = own.map((face) => ({ name: `face=${face}`, options: { face, digits: '5' } }))
  const about = 'Faces that only this counter has.'
  return own.length === 0 ? [] : [{ title: 'Digits of this counter', about, samples }]
}

function anchorOf(title: string): string {
  return title.toLowerCase().replace(/\W+/g, '-')
}

function shelfHtml({ title, about, cards, samples }: Shelf, badges: Badges): string {
  const figures = samples.map((sample) =>
    cards ? cardFigure(sample) : badgeFigure(sample, badges),
  )
  const anchor = anchorOf(title)
  const text = escapeHtml(about).replace(/`([^`]+)`/g, '<code>$1</code>')
  return `<section class="shelf" aria-labelledby="${anchor}">
          <h2 id="${anchor}">${escapeHtml(title)}</h2>
          <p>${text}</p>
          <div class="samples${cards ? ' cards' : ''}">
            ${figures.join('\n            ')}
          </div>
        </section>`
}

function badgeFigure(sample: Sample, badges: Badges): string {
  // The count belongs to the sample: a tag shows its page's own number.
  const { count, ...options } = sample.options
  const query = queryOf({ ...sample, options })
  const follows = badges.read(sample.options).appearance.theme === 'auto'
  const name = escapeHtml(sample.name)
  // Most samples are named by their options; only the presets have real names.
  const title = sample.name.includes('=') ? `<code>${name}</code>` : name
  const link = `<a href="./${query && `?${escapeHtml(query)}`}">${title}</a>`
  const code = query === sample.name ? '' : codeOf(query || 'No options')
  return figure('sample/tag.svg', sample, follows, `A badge: ${sample.name}`, `${link}${code}`)
}

/** A query as code, in which the browser may break the line between two options. */
function codeOf(query: string): string {
  return `<code>${escapeHtml(query).replaceAll('&#38;', '<wbr>&#38;')}</code>`
}

/** A sample of a card. Its caption is its address, because the tag builder writes only badges. */
function cardFigure(sample: Sample): string {
  const { count, ...options } = sample.options
  const query = queryOf({ ...sample, options })
  const address = `/graph.svg?${query ? `${query}&` : ''}url=…`
  return figure('sample/graph.svg', sample, true, `A card: ${sample.name}`, codeOf(address))
}

/**
 * A sample on light and on dark ground.
 * @param follows whether it has colours for each ground
 */
function figure(
  path: string,
  sample: Sample,
  follows: boolean,
  alt: string,
  caption: string,
): string {
  const grounds = (['light', 'dark'] as const).map((theme) => {
    const options = follows ? { ...sample.options, theme } : sample.options
    const query = queryOf({ ...sample, options })
    const source = escapeHtml(`${path}${query && `?${query}`}`)
    const text = escapeHtml(theme === 'light' ? alt : 'The same on dark ground')
    return `<div class="ground ${theme}"><img src="${source}" alt="${text}" loading="lazy"></div>`
  })
  return `<figure class="sample"><div class="grounds">${grounds.join('')}</div><figcaption>${caption}</figcaption></figure>`
}
