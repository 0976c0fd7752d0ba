import type { FastifyReply } from 'fastify'
import type { Files } from '../../site/files.ts'
import { escapeHtml, fill } from '../../site/html.ts'

const NAMES = [
  'frame',
  'access',
  'audit',
  'bin',
  'confirm',
  'lists',
  'page',
  'pages',
  'problem',
  'secret',
  'sign-in',
  'spikes',
] as const
type Name = (typeof NAMES)[number]

/** The HTML of public/admin: the frame of all pages, and what stands in it. `numbers` is the public page of a page's numbers. */
export type Templates = Readonly<Record<Name | 'numbers', string>>

export async function readTemplates(files: Files): Promise<Templates> {
  const texts = NAMES.map(async (name) => {
    const html = await files.readPage(`admin/${name}.html`)
    // The pages are one folder below the files.
    return [name, html.replaceAll('"assets/', '"../assets/')]
  })
  const numbers = await files.readPage('page.html')
  return { ...Object.fromEntries(await Promise.all(texts)), numbers }
}

/** A page of the administration, without its frame. */
export interface View {
  title: string
  /** HTML, with one h1. */
  main: string
  /** What was done, as a sentence. */
  notice?: string | null
}

/**
 * A whole page.
 * @param at the page's address, relative to /admin/, which the navigation marks
 * @param csrf the field for forms; null for somebody who is not signed in, who gets no navigation
 */
export function frame(
  { frame }: Templates,
  at: string,
  { title, main, notice = null }: View,
  csrf: string | null,
): string {
  const shown = new Set(csrf === null ? [] : ['signed'])
  if (notice !== null) shown.add('notice')
  const link = `href="${at === '' ? './' : at}"`
  const marked = frame.replace(`<a ${link}>`, `<a ${link} aria-current="page">`)
  const values = { title: escapeHtml(title), main, csrf: csrf ?? '', notice: notice ?? '' }
  return fill(marked, shown, values)
}

/** The field that every form needs; null if a request has no session. */
export function csrfField(reply: FastifyReply): string | null {
  if (!reply.request.session) return null
  return `<input type="hidden" name="csrf" value="${escapeHtml(reply.generateCsrf())}" />`
}
