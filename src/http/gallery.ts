import type { FastifyInstance } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { FACE_NAMES } from '../badge/digits/faces.ts'
import { queryOf, type Sample, SHELVES, type Shelf } from '../badge/examples.ts'
import { escapeHtml, fill } from './html.ts'

/** `/gallery`: everything that a badge can look like, drawn by this instance; it needs no script. */
export function galleryRoute(app: FastifyInstance, html: string, badges: Badges): void {
  const shelves = [...SHELVES, ...ownDigits(badges)]
  const page = fill(html, new Set(badges.own ? ['own'] : []), {
    contents: shelves
      .map(({ title }) => `<li><a href="#${anchorOf(title)}">${escapeHtml(title)}</a></li>`)
      .join('\n          '),
    shelves: shelves.map((shelf) => shelfHtml(shelf, badges)).join('\n        '),
  })
  app.get('/gallery', (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page),
  )
}

/** Digits that only this instance has, by FACES_DIR. */
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
  const told = escapeHtml(about).replace(/`([^`]+)`/g, '<code>$1</code>')
  return `<section class="shelf" aria-labelledby="${anchor}">
          <h2 id="${anchor}">${escapeHtml(title)}</h2>
          <p>${told}</p>
          <div class="samples${cards ? ' cards' : ''}">
            ${figures.join('\n            ')}
          </div>
        </section>`
}

function badgeFigure(sample: Sample, badges: Badges): string {
  // What a sample counts is for the sample alone: a tag shows its page's own number.
  const { count, ...options } = sample.options
  const query = queryOf({ ...sample, options })
  const follows = badges.read(sample.options).appearance.theme === 'auto'
  const name = escapeHtml(sample.name)
  // Only the looks to begin with have names that are no options.
  const title = sample.name.includes('=') ? `<code>${name}</code>` : name
  const link = `<a href="./${query && `?${escapeHtml(query)}`}">${title}</a>`
  const told = query === sample.name ? '' : codeOf(query || 'No options')
  return figure('sample/tag.svg', sample, follows, `A badge: ${sample.name}`, `${link}${told}`)
}

/** It may be broken between options. */
function codeOf(query: string): string {
  return `<code>${escapeHtml(query).replaceAll('&#38;', '<wbr>&#38;')}</code>`
}

/** A card has its options in its address: the tag builder writes badges. */
function cardFigure(sample: Sample): string {
  const { count, ...options } = sample.options
  const query = queryOf({ ...sample, options })
  const address = `/graph.svg?${query ? `${query}&` : ''}url=…`
  return figure('sample/graph.svg', sample, true, `A card: ${sample.name}`, codeOf(address))
}

/** @param follows whether it has colours for dark ground, so that each ground asks for its own */
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
