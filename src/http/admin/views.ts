import type { FastifyInstance, FastifyReply } from 'fastify'
import type { OwnerKey } from '../../admin.ts'
import { Refusal } from '../../refusal.ts'
import { pathOf } from '../request.ts'
import { baseOf, escapeHtml } from '../site/html.ts'
import { backTo, noticeOf, type Sent, type Unconfirmed } from './form.ts'
import { type AdminParts, sendHtml } from './parts.ts'
import { accessView } from './view/access.ts'
import { auditView } from './view/audit.ts'
import { askPage } from './view/confirm.ts'
import { type Context, contextOf, frame, framed, type Refused, type View } from './view/frame.ts'
import { addressOf, isolated, withQuery } from './view/html.ts'
import { listsView } from './view/lists.ts'
import { pageView } from './view/page.ts'
import { binView, pagesView } from './view/pages.ts'
import { spikesView } from './view/spikes.ts'

type Draw = (context: Context) => Promise<View>

/** The pages that an operator opens, by their addresses relative to /admin/. */
const VIEWS: Readonly<Record<string, Draw>> = {
  '': pagesView,
  page: pageView,
  bin: binView,
  spikes: spikesView,
  lists: listsView,
  audit: auditView,
  access: accessView,
}

export function pageRoutes(app: FastifyInstance, parts: AdminParts): void {
  for (const name of Object.keys(VIEWS)) {
    app.get(`/${name}`, async (request, reply) => {
      const path = pathOf(request)
      const address = `${name}${request.url.slice(path.length)}`
      // One address for each page: without its slash, or percent-encoded, the links on it would lead elsewhere.
      if (path !== `/admin/${name}`) {
        const up = '../'.repeat(path.split('/').length - '/admin'.split('/').length)
        return reply.redirect(`${up}admin/${address}`, 301)
      }
      const context = contextOf(parts, reply, address)
      return sendHtml(reply, await draw(context))
    })
  }
}

/** The page at the address of a context. */
async function draw(context: Context): Promise<string> {
  const name = context.address.split('?', 1).join()
  const view = await (VIEWS[name] as Draw)(context)
  return frame(context, name, view, noticeOf(context.query, context.request.operator))
}

/**
 * The page for a refusal. If a form was refused, it is the page that the form is on, with the form as it was filled in.
 * @param sent the form; null if something else was refused
 */
export async function problemPage(
  parts: AdminParts,
  reply: FastifyReply,
  refusal: Refusal,
  sent: Sent | null,
): Promise<string> {
  const again = sent && (await formAgain(parts, reply, { refusal, sent }))
  if (again !== null) return again
  const context = contextOf(parts, reply, back(sent))
  const typed = [...(sent?.fields ?? [])].filter(([name, value]) => TYPED.has(name) && value !== '')
  const items = typed.map(
    ([name, value]) => `<div><dt>${name}</dt><dd>${isolated(value)}</dd></div>`,
  )
  const shown = typed.length > 0 ? ['typed'] : []
  const html = framed(context, 'problem', 'That did not work', shown, {
    message: escapeHtml(refusal.message),
    back: escapeHtml(context.address),
    leads: sent === null ? 'To the pages of this counter' : 'Back',
    typed: items.join(''),
  })
  return fromBelow(html, pathOf(reply.request))
}

/** Fields that people type. They are shown again even if their form cannot be. */
const TYPED: ReadonlySet<string> = new Set([
  ...['hits', 'to', 'into', 'reason', 'pattern', 'becomes', 'ends', 'host', 'name', 'prefix'],
])

/** Levels below /admin/ from which links still lead to it: each adds to every link. */
const MAX_LEVELS = 20

/** A page that stands below /admin/, such as at /admin/a/b: its links lead where they would from /admin/. */
function fromBelow(html: string, path: string): string {
  const levels = Math.min(MAX_LEVELS, path.split('/').length - '/admin/'.split('/').length)
  if (levels <= 0) return html
  return html.replace(/ (?:href|src|action)="(?!#)/g, `$&${'../'.repeat(levels)}`)
}

/** The page that a form is on; null if the page does not show that form now, or cannot be shown itself. */
async function formAgain(
  parts: AdminParts,
  reply: FastifyReply,
  refused: Refused,
): Promise<string | null> {
  const address = back(refused.sent).replace('./', '')
  try {
    const html = await draw(contextOf(parts, reply, address, refused))
    return html.includes('role="alert"') ? html : null
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

/** The page that a form is on, relative to /admin/. */
function back(sent: Sent | null): string {
  const named = sent?.fields.get('back') ?? null
  if (sent === null || named !== null) return backTo(named, null)
  const { form, fields } = sent
  if (form === 'page') return addressOf(fields.get('page') ?? '')
  if (form === 'rules') return withQuery('lists', { kind: fields.get('kind') ?? '' })
  return form === 'pages' ? './' : 'access'
}

/** The page that asks whether a form is meant. */
export function confirmPage(
  parts: AdminParts,
  reply: FastifyReply,
  sent: Sent,
  asked: Unconfirmed,
): Promise<string> {
  return askPage(contextOf(parts, reply, back(sent)), sent, asked)
}

/** What is shown once: a link to sign in. */
export function linkPage(
  parts: AdminParts,
  reply: FastifyReply,
  address: string,
  endsAt: number,
): string {
  const context = contextOf(parts, reply, 'access')
  return framed(context, 'secret', 'A link to sign in', ['link'], {
    secret: escapeHtml(address),
    ends: context.clock.minute(endsAt),
  })
}

/** What is shown once: a new key of an owner. */
export function keyPage(
  parts: AdminParts,
  reply: FastifyReply,
  secret: string,
  { name, prefix }: OwnerKey,
): string {
  return framed(contextOf(parts, reply, 'access'), 'secret', 'A new key', ['key'], {
    secret: escapeHtml(secret),
    name: isolated(name),
    prefix: isolated(prefix),
    base: escapeHtml(baseOf(reply.request, parts.settings.http.publicUrl)),
    url: escapeHtml(encodeURIComponent(prefix)),
  })
}

/**
 * The page to sign in.
 * @param state what it shows: no link, half of one, one that was refused, or one that can be used
 * @param values `token` of a link that can be used, `sentence` of a refusal, or `notice` of what was done before, as HTML
 */
export function signInPage(
  parts: AdminParts,
  reply: FastifyReply,
  state: 'out' | 'incomplete' | 'refused' | 'ready',
  { token = '', sentence = '', notice = '' } = {},
): string {
  const shown = state === 'ready' ? [state] : [state, 'how']
  if (notice !== '') shown.push('ended')
  const values = { token: escapeHtml(token), sentence: escapeHtml(sentence), notice }
  return framed(contextOf(parts, reply, ''), 'sign-in', 'Sign in', shown, values)
}
