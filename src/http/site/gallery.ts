import type { Badges } from '../../badge/badge.ts'
import { FACE_NAMES } from '../../badge/digits/faces.ts'
import { queryOf, type Sample, SHELVES, type Shelf } from '../../badge/examples.ts'
import { escapeHtml, fill } from './html.ts'

/** `/gallery`: examples of all that badges can show, drawn by this instance. It works without a script. */
export function galleryPage(html: string, badges: Badges, publicUrl: string | undefined): string {
  const shelves = [...SHELVES, ...ownDigits(badges)]
  return fill(html, new Set(badges.own ? ['own'] : []), {
    base: escapeHtml(publicUrl ?? ''),
    label: escapeHtml(badges.label),
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
  const { theme } = badges.read(sample.options).appearance
  return figure(sample, { path: 'sample/tag.svg', what: 'A badge', follows: theme === 'auto' })
}

function cardFigure(sample: Sample): string {
  return figure(sample, { path: 'sample/graph.svg', what: 'A card', follows: true, image: 'card' })
}

/** A query as code, in which the browser may break the line between two options. */
function codeOf(query: string): string {
  return `<code>${escapeHtml(query).replaceAll('&#38;', '<wbr>&#38;')}</code>`
}

interface Kind {
  path: string
  what: string
  /** Whether it has colours for each ground. */
  follows: boolean
  /** The kind of image, if the tag builder has to be told. */
  image?: string
}

/** A sample as a link to the tag builder, on light ground; and on dark, if it looks different there or would not stand out. */
function figure(sample: Sample, { path, what, follows, image }: Kind): string {
  // The count belongs to the sample: a tag shows its page's own number.
  const { count, ...options } = sample.options
  const query = queryOf({ ...sample, options })
  const link = queryOf({ ...sample, options: { ...options, ...(image && { image }) } })
  const grounds = (follows ? (['light', 'dark'] as const) : (['light'] as const)).map((theme) => {
    const drawn = queryOf({ ...sample, options: { ...sample.options, ...(follows && { theme }) } })
    const source = escapeHtml(`${path}${drawn && `?${drawn}`}`)
    const alt = escapeHtml(
      theme === 'light' ? `${what}: ${sample.name}` : 'The same on dark ground',
    )
    return `<span class="ground ${theme}"><img src="${source}" alt="${alt}" loading="lazy"></span>`
  })
  const name = escapeHtml(sample.name)
  // Most samples are named by their options; only the presets have real names.
  const title = sample.name.includes('=') ? `<code>${name}</code>` : `<strong>${name}</strong>`
  const code = query === sample.name ? '' : codeOf(query || 'No options')
  const button = `<button class="scripted" type="button" data-query="${escapeHtml(link)}" aria-label="Copy the tag: ${name}">Copy</button>`
  return `<figure class="sample"><a class="grounds" href="./${link && `?${escapeHtml(link)}`}">${grounds.join('')}</a><figcaption><span>${title}${code}</span>${button}</figcaption></figure>`
}
