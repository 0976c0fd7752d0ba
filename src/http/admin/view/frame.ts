import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../../../refusal.ts'
import { parseQuery } from '../../request.ts'
import type { Files } from '../../site/files.ts'
import { escapeHtml, fill } from '../../site/html.ts'
import type { Sent } from '../form.ts'
import type { AdminParts } from '../parts.ts'
import { Clock } from './html.ts'

const NAMES = [
  ...(['frame', 'pages', 'page', 'bin', 'spikes', 'lists', 'audit', 'access'] as const),
  ...(['confirm', 'problem', 'secret', 'sign-in'] as const),
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

/** A form that was refused, and why. */
export interface Refused {
  refusal: Refusal
  sent: Sent
}

/** What a page is drawn from. */
export interface Context {
  parts: AdminParts
  request: FastifyRequest
  /** The page's own address, relative to /admin/, to which its forms lead back. */
  address: string
  query: Readonly<Record<string, string>>
  /** The field that every form needs; null if a request has no session. */
  csrf: string | null
  clock: Clock
  /** The form on this page that was refused, which is shown again as it was filled in. */
  refused: Refused | null
}

export function contextOf(
  parts: AdminParts,
  reply: FastifyReply,
  address: string,
  refused: Refused | null = null,
): Context {
  const [, search = ''] = /\?(.*)$/s.exec(address) ?? []
  // A parameter that is given several times counts as missing.
  const query = Object.entries(parseQuery(search)).filter(([, value]) => typeof value === 'string')
  return {
    ...{ parts, request: reply.request, address, refused },
    query: Object.fromEntries(query) as Record<string, string>,
    csrf: reply.request.session && hiddenField('csrf', reply.generateCsrf()),
    clock: new Clock(parts.settings.history.timeZone),
  }
}

export function hiddenField(name: string, value: string): string {
  return `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}" />`
}

/** A page of the administration, without its frame. */
export interface View {
  title: string
  /** HTML, with one h1. */
  main: string
}

/**
 * A whole page. Somebody who is not signed in gets no navigation.
 * @param at the page's address, relative to /admin/, which the navigation marks
 * @param notice what was done, as a sentence
 */
export function frame(
  { parts, csrf }: Context,
  at: string,
  { title, main }: View,
  notice: string | null = null,
): string {
  const shown = new Set(csrf === null ? [] : ['signed'])
  if (notice !== null) shown.add('notice')
  const link = `href="${at === '' ? './' : at}"`
  const marked = parts.templates.frame.replace(`<a ${link}>`, `<a ${link} aria-current="page">`)
  const values = { title: escapeHtml(title), main, csrf: csrf ?? '', notice: notice ?? '' }
  return fill(marked, shown, values)
}

/** A whole page that the navigation does not have. @param name of its template */
export function framed(
  context: Context,
  name: Name,
  title: string,
  shown: readonly string[],
  values: Readonly<Record<string, string>>,
): string {
  const main = fill(context.parts.templates[name], new Set(shown), values)
  return frame(context, name, { title, main })
}
