import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ChangedPages } from '../../known-pages.ts'
import { Refusal } from '../../refusal.ts'
import type { Operator } from './access.ts'
import type { Notice } from './notices.ts'
import type { AdminParts } from './parts.ts'
import type { Fields } from './validate.ts'

/** A form as it was sent. */
export interface Sent {
  /** What it was posted to, relative to /admin/, such as `page`. */
  form: string
  fields: Fields
}

/** A form, and who sent it. */
export interface Submission extends Sent {
  operator: Operator
  parts: AdminParts
  request: FastifyRequest
  reply: FastifyReply
}

/** What became of a form: what was done, to how many, and where it leads; or a page that is shown at once. */
type Done = { notice: Notice | null; count?: number; to?: string } | { html: string }

export type FormHandler = (submission: Submission) => Promise<Done>

/** An action that is asked again before it is done. The message is for programs. */
export class Unconfirmed extends Refusal {
  /** What a person reads before the button that confirms it. */
  readonly question: string
  /** The known pages that a page rule makes others; the operator may have them merged. */
  readonly known: ChangedPages | null

  constructor(question: string, known: ChangedPages | null = null) {
    super('bad_rule', 'confirm it', `${question} Send "confirm": true if that is meant.`)
    this.question = question
    this.known = known
  }
}
