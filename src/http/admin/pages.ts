import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { OwnerKey } from '../../admin.ts'
import type { ChangedPages } from '../../known-pages.ts'
import type { Refusal } from '../../refusal.ts'
import { escapeHtml } from '../site/html.ts'
import type { Sent } from './form.ts'
import { noticeOf } from './notices.ts'
import { type AdminParts, todayOf } from './parts.ts'
import type { Fields } from './validate.ts'

/** What the page to sign in shows: no link, one that can be used, half of one, or one that was refused. */
export type SignInView =
  | { state: 'signed-out' | 'incomplete' }
  | { state: 'ready'; token: string }
  | { state: 'refused'; sentence: string }

export function signInPage(_parts: AdminParts, view: SignInView): string {
  if (view.state === 'ready') {
    const token = `<input type="hidden" name="token" value="${escapeHtml(view.token)}">`
    return page(
      'Sign in',
      `<form method="post" action="sign-in">${token}<button>Sign in</button></form>`,
    )
  }
  const why = view.state === 'refused' ? `<p>${escapeHtml(view.sentence)}</p>` : ''
  return page(
    'Sign in',
    `${why}<p>On the machine of the service, <code>npm run sign-in</code> prints a link that works once, for 10 minutes.</p>`,
  )
}

/** The page for a refusal. @param sent the form that was refused, which is shown again as it was filled in */
export async function problemPage(
  _parts: AdminParts,
  _request: FastifyRequest,
  reply: FastifyReply,
  { refusal, sent }: { refusal: Refusal; sent: Sent | null },
): Promise<string> {
  const why = `<p role="alert">${escapeHtml(refusal.message)}</p>`
  return page(
    'That did not work',
    why + (sent === null ? '' : again(sent, reply, 'Try again', 'text')),
  )
}

/** The page for a form on `/page` that was refused. @param fields as it was filled in; the key is not shown again */
export function ownerProblemPage(
  _parts: AdminParts,
  _request: FastifyRequest,
  { refusal }: { refusal: Refusal; fields: Fields },
): string {
  return page('That did not work', `<p role="alert">${escapeHtml(refusal.message)}</p>`)
}

/** The page that asks whether an action is meant. */
export function confirmPage(
  _parts: AdminParts,
  reply: FastifyReply,
  { sent, question }: { sent: Sent; question: string; known: ChangedPages | null },
): string {
  sent.fields.set('confirm', 'yes')
  return page(
    'Please confirm',
    `<p>${escapeHtml(question)}</p>${again(sent, reply, 'Yes', 'hidden')}`,
  )
}

/** What is shown once: a link to sign in, or a new key of an owner. */
export type SecretView =
  | { kind: 'link'; secret: string; endsAt: number }
  | { kind: 'key'; secret: string; key: OwnerKey }

export function secretPage(_parts: AdminParts, _reply: FastifyReply, view: SecretView): string {
  return page('Shown once', `<p><code>${escapeHtml(view.secret)}</code></p>`)
}

/** The pages that an operator opens. */
export async function pageRoutes(app: FastifyInstance, parts: AdminParts): Promise<void> {
  app.get('/', async (request, reply) => {
    const today = todayOf(parts)
    const { pages } = await parts.store.admin.pages({
      ...{ part: '', sort: 'hits', removed: false, after: '', limit: 50, today },
    })
    const notice = noticeOf(request.query as object)
    const rows = pages.map(({ page, hits }) => `<li>${escapeHtml(page)}: ${hits}</li>`)
    const html = page(
      'Pages',
      `${notice === null ? '' : `<p>${notice}</p>`}<ul>${rows.join('')}</ul><form method="post" action="sign-out">${csrfField(reply)}<button>Sign out</button></form>`,
    )
    return reply.type('text/html; charset=utf-8').send(html)
  })
}

/** A form with the fields that were sent. */
function again({ form, fields }: Sent, reply: FastifyReply, button: string, type: string): string {
  return `<form method="post" action="${form}">${csrfField(reply)}${inputs(fields, type)}<button>${button}</button></form>`
}

const inputs = (fields: Fields, type: string) =>
  [...fields]
    .filter(([name]) => name !== 'csrf')
    .map(
      ([name, value]) =>
        `<input type="${type}" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    )
    .join('')

/** The field that every form on a page needs. */
export function csrfField(reply: FastifyReply): string {
  return `<input type="hidden" name="csrf" value="${escapeHtml(reply.generateCsrf())}">`
}

const page = (title: string, body: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`
