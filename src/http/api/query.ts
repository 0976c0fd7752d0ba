import type { FastifyRequest } from 'fastify'
import type { TObject } from 'typebox'
import { inField, Refusal } from '../../refusal.ts'
import type { Query } from '../request.ts'
import { badRequest, check } from '../validate.ts'
import type { Subject, VisitReader } from '../visit.ts'
import type { Resource } from './resource.ts'

/**
 * The query of a request, checked by its schema: a whole number is a number, and an empty value counts as not set.
 * @throws Refusal `bad_request`, which names the parameter
 */
export function readQuery(request: FastifyRequest, schema: TObject): Query {
  const values = Object.entries(request.query as Query).flatMap(([name, value]) => {
    const type = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    // The schema refuses it by its name.
    if (type === undefined) return [[name, '']]
    if (Array.isArray(value)) throw badRequest(`Give ${name} only once.`, undefined, name)
    if (value === '') return []
    const isNumber = (type as { type?: string }).type === 'integer' && /^\d{1,9}$/.test(`${value}`)
    return [[name, isNumber ? Number(value) : value]]
  })
  return check<Query>(request, schema, Object.fromEntries(values), 'The query')
}

/** What a request is about: see `Resource.about`. @throws Refusal, which names the parameter */
export function readAbout(
  about: Resource['about'],
  visits: VisitReader,
  query: Query,
): Subject | null {
  if (about === 'subject') return readSubject(visits, query)
  if (about !== 'host' || query.host === undefined) return null
  try {
    return visits.identifySubject({ site: query.host }, undefined)
  } catch (error) {
    throw inField(error, 'host')
  }
}

/** The host in `site`, or else the page in `url`. @throws Refusal, which names the parameter */
function readSubject(visits: VisitReader, query: Query): Subject {
  if (query.site === undefined && query.url === undefined) {
    throw new Refusal('no_page', 'no url given', 'Name a page with url, or a host with site.', {
      field: 'url',
    })
  }
  try {
    return visits.identifySubject(query, undefined)
  } catch (error) {
    throw inField(error, query.site === undefined ? 'url' : 'site')
  }
}
