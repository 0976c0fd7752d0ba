import assert from 'node:assert/strict'
import type { InjectOptions } from 'fastify'
import { makeKey } from '../../src/owner.ts'
import { makeLink } from '../../src/sign-in.ts'
import type { TestApp } from './app.ts'

export const TOKEN = 'test-token-0123456789-0123456789-0123'
/** Settings that switch administration on. */
export const ADMIN = { ADMIN: 'true', ADMIN_TOKEN: TOKEN }
export const BEARER = { authorization: `Bearer ${TOKEN}` }
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A browser that is signed in. */
export interface Browser {
  /** The secret of the link, which is used up. */
  link: string
  /** The secret of the session. */
  secret: string
  cookie: string
  csrf: string
  get(url: string): Promise<Answer>
  /** Sends a form as a page of /admin does. */
  post(form: string, fields: Fields, headers?: Record<string, string>): Promise<Answer>
}
type Answer = Awaited<ReturnType<TestApp['get']>>
export type Fields = Readonly<Record<string, string | readonly string[]>>

export function formOf(fields: Fields): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, each]),
  )
  return String(new URLSearchParams(pairs))
}

/** The secret of a new link. */
export async function newLink({ store, clock }: TestApp): Promise<string> {
  const deed = { actor: 'test', reason: '', at: clock.now }
  const { path } = await makeLink(store.admin, deed)
  return new URL(path, 'http://localhost').searchParams.get('token') as string
}

export async function newKey({ store, clock }: TestApp, prefix: string, name = 'docs') {
  const deed = { actor: 'test', reason: '', at: clock.now }
  const { secret, key } = await makeKey(store.admin, { name, prefix }, [], deed)
  return { secret, id: key.id, bearer: { authorization: `Bearer ${secret}` } }
}

/** Signs a browser in by a link. */
export async function signIn(
  test: TestApp,
  headers: Record<string, string> = {},
): Promise<Browser> {
  const link = await newLink(test)
  const { app } = test
  const inject = (options: InjectOptions) =>
    app.inject({ ...options, headers: { ...headers, ...options.headers } })
  const signed = await inject({
    method: 'POST',
    url: '/admin/sign-in',
    payload: formOf({ token: link }),
    headers: FORM,
  })
  assert.equal(signed.statusCode, 303)
  const [cookie = ''] = String(signed.headers['set-cookie']).split(';', 1)
  const get = (url: string) => inject({ method: 'GET', url, headers: { cookie } })
  const csrf = csrfIn((await get('/admin/')).body)
  return {
    ...{ link, cookie, csrf, get },
    secret: cookie.replace(/^.*=/, ''),
    post: (form, fields, more = {}) =>
      inject({
        method: 'POST',
        url: `/admin/${form}`,
        payload: formOf({ csrf, ...fields }),
        headers: { ...FORM, cookie, ...more },
      }),
  }
}

/** The CSRF token in a page. */
export function csrfIn(html: string): string {
  const [, csrf] = /name="csrf" value="([^"]+)"/.exec(html) ?? []
  assert.ok(csrf, 'the page has a form')
  return csrf
}
