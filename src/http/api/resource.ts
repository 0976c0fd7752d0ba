import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TObject, TSchema } from 'typebox'
import type { RouteParts } from '../app.ts'
import type { LimitFurther } from '../rate-limits.ts'
import type { Refuser } from '../refuse.ts'
import type { Subject } from '../visit.ts'

/** What the routes of version 1 use. */
export interface ApiParts extends RouteParts {
  refuser: Refuser
  limitFurther: LimitFurther
}

/** A request whose query and body have been checked. */
export interface Call<Query, Body> {
  query: Query
  body: Body
  /** What it is about; null if that is not one page or host. */
  subject: Subject | null
  parts: ApiParts
  request: FastifyRequest
  reply: FastifyReply
  now: number
}

/** What a route of version 1 takes and answers: its schemas check the request, and are in /openapi.json. */
export interface Resource<
  Query extends TObject = TObject,
  Answer extends TSchema = TSchema,
  Body extends TSchema = TSchema,
> {
  summary: string
  /**
   * What it is about, which decides who may read it with STATS=private: the page or host that the query names, the host in `host`, or all
   * pages; `open` is for everybody.
   */
  about: 'subject' | 'host' | 'everything' | 'open'
  query: Query
  /** What is posted; without it the route is read by GET. */
  body?: Body
  answer: Answer
  /** A query or a body to try it with. */
  example: string
  read(call: Call<Static<Query>, Static<Body>>): Promise<Static<Answer>>
}

/** Checks a resource against its own schemas when types are checked, and forgets them afterwards. */
export function resource<Query extends TObject, Answer extends TSchema, Body extends TSchema>(
  one: Resource<Query, Answer, Body>,
): Resource {
  return one as unknown as Resource
}
