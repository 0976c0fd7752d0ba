import { MAX_HITS, RULE_KINDS } from '../../admin.ts'
import { MAX_KEY_NAME } from '../../owner.ts'
import { objectOf, TEXT } from '../openapi.ts'
import { FROM_1_TO_200 } from '../validate.ts'

// JSON Schemas of what programs send and get. Forms are turned into the same objects, and checked by the same schemas.

/** No control characters, and no half of a surrogate pair: PostgreSQL can store neither. */
const PLAIN = '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*$'
const text = (maxLength: number, minLength = 0) => ({
  type: 'string',
  minLength,
  maxLength,
  pattern: PLAIN,
})

/** The longest address that is read: every character of a key can be written percent-encoded, in three. */
const ADDRESS = text(6144, 1)
const REASON = { ...text(500), description: 'For the audit log' }
const WHOLE = { type: 'integer', minimum: 0, maximum: MAX_HITS }
const DIFFERENCE = { type: 'integer', minimum: -MAX_HITS, maximum: MAX_HITS }
const ID = { type: 'integer', minimum: 1, maximum: MAX_HITS }
const TIME = {
  type: ['integer', 'null'],
  minimum: 0,
  maximum: 8_640_000_000_000_000,
  description: 'Milliseconds since 1970, UTC; null for never',
}
const FLAG = { type: 'boolean' }

const strict = (properties: Record<string, object>, optional: Record<string, object> = {}) => ({
  ...objectOf(properties, optional),
  additionalProperties: false,
})

/** The reason of a form, whatever the form does. */
export const WITH_REASON = strict({ reason: REASON })

/** The values of each action. */
export const ACTIONS: Readonly<Record<string, Record<string, object>>> = {
  set: { hits: WHOLE },
  add: { hits: DIFFERENCE },
  reset: {},
  rename: { to: ADDRESS, alias: FLAG },
  merge: { into: ADDRESS },
  unalias: {},
  remove: {},
  restore: {},
  purge: {},
  'take-back': { hour: WHOLE },
}
/** What the holder of an owner's key may do. */
const OWNER_ACTIONS = ['set', 'add', 'reset', 'remove', 'restore']

/** One of several objects, told apart by `action`. */
function oneAction(
  names: readonly string[],
  properties: Record<string, object>,
  optional: Record<string, object>,
) {
  return {
    type: 'object',
    required: ['action'],
    discriminator: { propertyName: 'action' },
    oneOf: names.map((action) =>
      strict(
        { action: { type: 'string', const: action }, ...properties, ...ACTIONS[action] },
        optional,
      ),
    ),
  }
}

const ALL_ACTIONS = Object.keys(ACTIONS)
/** Changes of pages. */
export const CHANGES = strict(
  {
    changes: {
      type: 'array',
      minItems: 1,
      maxItems: 10_000,
      items: oneAction(ALL_ACTIONS, { page: ADDRESS }, { ifVersion: WHOLE }),
    },
  },
  { reason: REASON },
)
/** A change of the page that the query names. */
export const CHANGE = oneAction(ALL_ACTIONS, {}, { reason: REASON })
export const OWNER_CHANGE = oneAction(OWNER_ACTIONS, {}, { reason: REASON })

/** How many pages or entries a list has if its query names no limit. */
export const LIMIT = '50'
const LIMITED = {
  type: 'string',
  pattern: FROM_1_TO_200,
  description: 'From 1 to 200',
  examples: ['50', '200'],
}
export const PAGES_QUERY = {
  part: {
    ...text(2048),
    description: 'Text that the address contains, in any case',
    examples: ['blog'],
  },
  sort: { type: 'string', enum: ['hits', 'today', 'newest', 'last-seen'] },
  removed: { type: 'string', enum: ['true', 'false'], description: 'true: removed pages alone' },
  after: { ...text(8192), description: '`next` of the last answer' },
  limit: LIMITED,
}
export const URL_QUERY = {
  url: { ...ADDRESS, description: 'The page', examples: ['example.com/a'] },
}
export const AUDIT_QUERY = {
  page: { ...text(6144), description: 'Entries of this page alone', examples: ['example.com/a'] },
  before: {
    type: 'string',
    pattern: '^\\d{1,15}$',
    description: 'The `id` of an entry, to read on',
  },
  limit: LIMITED,
}
export const SPIKES_QUERY = {
  hour: {
    type: 'string',
    pattern: '^\\d{1,7}$',
    description: 'Whole hours since 1970, UTC; by default this one',
  },
  limit: LIMITED,
}
/** The bounds of an address, an agent and a page that are tried. */
export const TRY_QUERY = {
  address: { ...text(64), description: 'An address of the internet', examples: ['192.0.2.7'] },
  agent: { ...text(1000), description: 'A user agent' },
  page: { ...text(6144), description: 'The address of a page', examples: ['example.com/a'] },
}
const NEW_RULE = strict(
  { kind: { type: 'string', enum: RULE_KINDS }, pattern: text(1000, 1) },
  { replacement: text(1000), endsAt: TIME },
)
export const NEW_RULES = strict(
  { rules: { type: 'array', minItems: 1, maxItems: 10_000, items: NEW_RULE } },
  { reason: REASON, confirm: FLAG, merge: FLAG },
)
export const TRIED_RULES = strict({
  rules: { type: 'array', minItems: 1, maxItems: 100, items: NEW_RULE },
})
const ids = (maxItems: number) => ({ type: 'array', minItems: 1, maxItems, items: ID })
export const REMOVED_RULES = strict({ ids: ids(10_000) }, { reason: REASON })
export const MERGED_RULES = strict({ ids: ids(100) }, { reason: REASON, confirm: FLAG })
export const ENDED_SESSIONS = strict({
  ids: { anyOf: [ids(1000), { type: 'string', const: 'all' }] },
})
export const NEW_KEY = strict(
  { name: text(MAX_KEY_NAME, 1), prefix: ADDRESS },
  { reason: REASON, confirm: FLAG },
)
export const REVOKED_KEY = strict({ id: ID }, { reason: REASON })
export const NEW_LINK = strict(
  {},
  {
    host: {
      ...text(300),
      description: 'A host name of the instance, on which `address` is',
      examples: ['hits.example.org'],
    },
  },
)

// What is answered.

export const INTEGER = { type: 'integer' }
const INTEGER_OR_NULL = { type: ['integer', 'null'] }
const OBJECT_OR_NULL = { type: ['object', 'null'] }
export const listOf = (id: string) => ({ type: 'array', items: { $ref: `${id}#` } })

const LISTED_PAGE = {
  page: TEXT,
  hits: INTEGER,
  today: INTEGER,
  firstSeen: INTEGER_OR_NULL,
  lastSeen: INTEGER_OR_NULL,
  removed: OBJECT_OR_NULL,
  version: INTEGER,
}

/** What several routes answer. */
export const SHARED = [
  {
    $id: 'AuditEntry',
    ...objectOf({
      id: INTEGER,
      at: INTEGER,
      actor: TEXT,
      action: TEXT,
      page: { type: ['string', 'null'] },
      before: {},
      after: {},
      reason: TEXT,
    }),
  },
  {
    $id: 'AdminPage',
    ...objectOf({ ...LISTED_PAGE, aliases: { type: 'array', items: TEXT } }),
  },
  { $id: 'ListedPage', ...objectOf(LISTED_PAGE) },
  {
    $id: 'ChangedPage',
    ...objectOf({ page: TEXT, hits: INTEGER, removed: OBJECT_OR_NULL, version: INTEGER }),
  },
  {
    $id: 'Rule',
    ...objectOf({
      id: INTEGER,
      kind: TEXT,
      pattern: TEXT,
      replacement: TEXT,
      endsAt: INTEGER_OR_NULL,
      actor: TEXT,
      reason: TEXT,
      at: INTEGER,
    }),
  },
  {
    $id: 'Session',
    ...objectOf({ id: INTEGER, at: INTEGER, seenAt: INTEGER, endsAt: INTEGER, browser: TEXT }),
  },
  {
    $id: 'OwnerKey',
    ...objectOf({
      id: INTEGER,
      name: TEXT,
      prefix: TEXT,
      at: INTEGER,
      usedAt: INTEGER_OR_NULL,
      revokedAt: INTEGER_OR_NULL,
    }),
  },
]
