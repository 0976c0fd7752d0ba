import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../../refusal.ts'
import { acceptBodies, bodyOf } from '../bodies.ts'
import { ANY_OBJECT, describe } from '../openapi.ts'
import { isOwnOrigin } from '../origin.ts'
import { hasOwnMark, keepsSecureCookies, OWN_COOKIES, OWN_VALUE } from '../request.ts'
import { fill } from './html.ts'

const YEAR_SECONDS = 31_536_000

/**
 * `/me`: the page on which the owner of a browser says whether it is counted. It works without a script. `/me.json`
 * describes its own request as it arrived, so that an operator sees what a proxy hands on: `tallymark check` reads it.
 */
export function meRoutes(app: FastifyInstance, html: string, publicUrl: string | undefined): void {
  app.get('/me', (request, reply) => {
    const excluded = hasOwnMark(request.headers.cookie)
    const { asked } = request.query as Record<string, unknown>
    const parts = new Set([excluded ? 'excluded' : 'counted'])
    if (asked === 'no' && !excluded) parts.add('lost')
    if (!keepsSecureCookies(request)) parts.add('insecure')
    return page(reply).send(fill(html, parts))
  })

  const openapi = describe(
    'Service',
    'Your request as it arrived: scheme, host, address, and the attributes of its window cookie',
    {},
    ANY_OBJECT,
  )
  app.get('/me.json', { config: { openapi } }, (request, reply) => {
    const { protocol: scheme, host, ip: address } = request
    const cookie = keepsSecureCookies(request)
      ? 'SameSite=None; Secure; Partitioned'
      : 'SameSite=Lax'
    return reply.header('cache-control', 'no-store').send({ scheme, host, address, cookie })
  })

  app.register(async (posts) => {
    acceptBodies(posts)
    posts.post('/me', (request, reply) => {
      if (!isFromHere(request, publicUrl)) {
        throw new Refusal(
          'bad_request',
          'bad request',
          'Only the page /me of this counter can change that.',
        )
      }
      const { count } = bodyOf(request)
      if (count !== 'no' && count !== 'yes') {
        throw new Refusal('bad_request', 'bad request', 'Say count=no or count=yes.')
      }
      reply.header('set-cookie', ownCookies(app, request, count === 'no'))
      return page(reply).redirect(`me?asked=${count}`, 303)
    })
  })
}

function page(reply: FastifyReply): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store')
}

/**
 * The values of Set-Cookie that mark this browser, or remove its mark. Badges on every site need the mark, so its cookie is not
 * partitioned as window cookies are. Over HTTPS the cookie of plain HTTP is removed.
 */
function ownCookies(app: FastifyInstance, request: FastifyRequest, excluded: boolean): string[] {
  const attributes = {
    path: '/',
    httpOnly: true,
    ...(keepsSecureCookies(request)
      ? { sameSite: 'none' as const, secure: true }
      : { sameSite: 'lax' as const }),
  }
  const cookie = (name: string, excluded: boolean) =>
    app.serializeCookie(name, excluded ? OWN_VALUE : '', {
      ...attributes,
      maxAge: excluded ? YEAR_SECONDS : 0,
    })
  if (request.protocol !== 'https') return [cookie(OWN_COOKIES.http, excluded)]
  return [cookie(OWN_COOKIES.https, excluded), cookie(OWN_COOKIES.http, false)]
}

/** Whether the form was sent by our own page. Other sites could have a visitor's browser send it, but browsers name the site. */
function isFromHere(request: FastifyRequest, publicUrl: string | undefined): boolean {
  const { headers } = request
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin } = headers
  return origin === undefined || isOwnOrigin(origin, request, publicUrl)
}
