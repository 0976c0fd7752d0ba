import csrf from '@fastify/csrf-protection'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { OwnerKey } from '../../admin.ts'
import type { RouteParts } from '../app.ts'
import { checkOrigin } from '../origin.ts'
import { handleErrors, problemHandler, refuseBy } from '../problem.ts'
import type { Refuser } from '../refuse.ts'
import type { Files } from '../site/files.ts'
import { PAGE_HEADERS } from '../site/headers.ts'
import { acceptJson } from '../validate.ts'
import { csrfSecret, type Operator, sessionCookie } from './access.ts'
import { Api } from './api.ts'
import { auditApi } from './audit.ts'
import { acceptForms } from './form-fields.ts'
import { formRoutes } from './forms.ts'
import { inTurn } from './in-turn.ts'
import { keysApi, ownerApi, ownerForm } from './owners.ts'
import { pagesApi } from './pages.ts'
import { type AdminParts, sendHtml } from './parts.ts'
import { rulesApi } from './rules.ts'
import { SHARED } from './schemas.ts'
import { sessionsApi, signInRoutes } from './sign-in.ts'
import { readTemplates } from './view/frame.ts'
import { pageRoutes, problemPage, signInPage } from './views.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may ask a route of administration. Without it, an operator alone. */
    who?: 'anyone' | 'owner'
  }
  interface FastifyRequest {
    /** The operator who asks; null on other routes. */
    operator: Operator | null
    /** The key that the owner of a page has sent; null on other routes. */
    ownerKey: OwnerKey | null
    /** Where @fastify/csrf-protection finds the secret of the session's tokens. */
    session: { csrf: string } | null
  }
}

/** Adds all that an operator and the owners of pages use. Unless ADMIN is true, none of it is there. */
export async function adminRoutes(
  root: FastifyInstance,
  routeParts: RouteParts,
  files: Files,
  refuser: Refuser,
): Promise<void> {
  const parts: AdminParts = {
    ...routeParts,
    refuser,
    templates: await readTemplates(files),
    addingRules: inTurn(),
  }
  // /openapi.json describes the routes with the schemas of the app that it belongs to.
  for (const schema of SHARED) root.addSchema(schema)
  await root.register(async (app) => {
    await guard(app, parts)
    await app.register((pages) => adminPages(pages, parts), { prefix: '/admin' })
    await app.register((api) => adminApi(api, parts), { prefix: '/api/v1/admin' })
    await app.register(async (pages) => ownerForm(pages, parts))
    await app.register(async (api) => ownerApi(api, parts), { prefix: '/api/v1/page' })
  })
}

/**
 * Lets operators alone use the routes of this scope, except those for anyone. What a session does by a method that changes
 * something has to come from a page of this service, and has to have a token of the session.
 */
async function guard(app: FastifyInstance, parts: AdminParts): Promise<void> {
  const { access, settings } = parts
  app.decorateRequest('operator', null)
  app.decorateRequest('ownerKey', null)
  app.decorateRequest('session', null)
  await app.register(csrf, {
    sessionPlugin: '@fastify/session',
    sessionKey: 'csrf',
    getToken: csrfToken,
    logLevel: 'debug',
  })
  app.addHook('onRequest', async (request) => {
    // Before the body is read: that of a stranger never is.
    const { who } = request.routeOptions.config
    if (who === 'owner') request.ownerKey = await access.owner(request)
    if (who !== undefined) return
    const operator = await access.operator(request)
    const { session } = operator
    request.operator = operator
    if (session === null) return
    request.session = { csrf: csrfSecret(session.secret) }
    if (changes(request)) checkOrigin(request, settings.http.publicUrl)
  })
  app.addHook('preHandler', (request, reply, done) => {
    if (request.session !== null && changes(request)) app.csrfProtection(request, reply, done)
    else done()
  })
  app.addHook('onSend', async (request, reply) => {
    const { session } = request.operator ?? {}
    // Each use renews the session, and so its cookie.
    if (session && !reply.hasHeader('set-cookie')) {
      reply.header('set-cookie', sessionCookie(request, session.secret))
    }
    for (const [name, value] of Object.entries(PAGE_HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
    reply.header('cache-control', 'no-store').header('cross-origin-resource-policy', 'same-origin')
  })
}

const changes = ({ method }: FastifyRequest) => method !== 'GET' && method !== 'HEAD'

/** The CSRF token of a request: a header for scripts, or a field of a form. */
function csrfToken({ headers, body }: FastifyRequest): string {
  const header = headers['x-csrf-token']
  if (typeof header === 'string') return header
  return body instanceof URLSearchParams ? (body.get('csrf') ?? '') : ''
}

/** The pages, and the forms on them. */
async function adminPages(app: FastifyInstance, parts: AdminParts): Promise<void> {
  acceptForms(app)
  handleErrors(app, async (error, _request, reply) => {
    const refusal = refuseBy(parts.refuser, error, reply)
    const html =
      refusal.status === 401
        ? signInPage(parts, reply, 'out')
        : await problemPage(parts, reply, refusal, null)
    return sendHtml(reply, html)
  })
  signInRoutes(app, parts)
  formRoutes(app, parts)
  pageRoutes(app, parts)
}

async function adminApi(app: FastifyInstance, parts: AdminParts): Promise<void> {
  acceptJson(app)
  handleErrors(app, problemHandler(parts.refuser))
  const api = new Api(app, parts)
  pagesApi(api, parts)
  auditApi(app, api, parts)
  rulesApi(api, parts)
  sessionsApi(api, parts)
  keysApi(api, parts)
}
