/** The HTTP status of each refusal. `internal` is the only one whose cause is the service's own fault. */
export const STATUS = {
  no_page: 400,
  bad_page: 400,
  bad_option: 400,
  bad_request: 400,
  bad_change: 400,
  bad_rule: 400,
  unauthorized: 401,
  forbidden: 403,
  blocked_page: 403,
  banned: 403,
  too_many_pages: 403,
  not_found: 404,
  no_such_page: 404,
  no_such_entry: 404,
  method_not_allowed: 405,
  removed: 410,
  changed: 412,
  too_many_requests: 429,
  internal: 500,
  too_many_streams: 503,
  unavailable: 503,
} as const

export type RefusalCode = keyof typeof STATUS

/**
 * Why a request is refused, for the person who made it. Its texts contain nothing internal: what only the operator should
 * see goes into `cause`.
 */
export class Refusal extends Error {
  readonly code: RefusalCode
  /** A few words that fit on a badge. */
  readonly brief: string
  /** Which of several changes is refused, counted from 0; null if that is not known, or it is about all of them. */
  readonly place: number | null
  /** The parameter or field that is wrong, such as `limit`; null if that is not known, or it is about no single one. */
  readonly field: string | null

  /**
   * @param code the kind of refusal, which decides the HTTP status
   * @param brief a few words for a badge, such as `no url given`
   * @param sentence one sentence that a person can act on
   */
  constructor(
    code: RefusalCode,
    brief: string,
    sentence: string,
    options: ErrorOptions & { place?: number | null; field?: string | null } = {},
  ) {
    super(sentence, options)
    this.name = 'Refusal'
    this.code = code
    this.brief = brief
    this.place = options.place ?? null
    this.field = options.field ?? null
  }

  get status(): number {
    return STATUS[this.code]
  }
}

/** A refusal with the place of the change that it is about; any other error as it is. */
export function atPlace(error: unknown, place: number): unknown {
  if (!(error instanceof Refusal)) return error
  const { code, brief, message, cause, field } = error
  return new Refusal(code, brief, message, { cause, place, field })
}

/** A refusal with the parameter or field that it is about; any other error as it is. */
export function inField(error: unknown, field: string): unknown {
  if (!(error instanceof Refusal)) return error
  const { code, brief, message, cause, place } = error
  return new Refusal(code, brief, message, { cause, place, field })
}

/** Why the service did not start, as a message for the person who started it. */
export class StartError extends Error {}
