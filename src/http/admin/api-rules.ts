import type { FastifyInstance } from 'fastify'
import { tryRules } from '../../rule-trial.ts'
import { hourOf } from '../../time.ts'
import { ANY_OBJECT, objectOf, TEXT } from '../openapi.ts'
import { changeRoute, readRoute } from './api-route.ts'
import { type AdminParts, deedOf } from './parts.ts'
import {
  addRules,
  mergeKnown,
  type NamedRule,
  removeRules,
  tryPageRules,
  type WantedRules,
} from './rules.ts'
import {
  MERGED_RULES,
  NEW_RULES,
  REMOVED_RULES,
  SPIKES_QUERY,
  TRIED_RULES,
  TRY_QUERY,
} from './schemas.ts'

/** Spikes that are listed if the query names no limit. */
const SPIKES = 20

const WHOLE = { type: 'integer' }
const RULE = {
  $id: 'Rule',
  ...objectOf({
    ...{ id: WHOLE, kind: TEXT, pattern: TEXT, replacement: TEXT },
    ...{ endsAt: { type: ['integer', 'null'] }, actor: TEXT, reason: TEXT, at: WHOLE },
  }),
}
const OF_SETTINGS = { type: 'array', items: objectOf({ kind: TEXT, pattern: TEXT, setting: TEXT }) }
const RULES = { type: 'array', items: { $ref: 'Rule#' } }

/** The routes of lists and page rules, of "try it", and of spikes. */
export function rulesApi(app: FastifyInstance, parts: AdminParts): void {
  const { settings, store, watcher, now } = parts
  const { admin } = store
  app.addSchema(RULE)

  readRoute(
    app,
    '/rules',
    'Rules that operators have added, and the lists of the settings',
    {},
    objectOf({ version: WHOLE, rules: RULES, settings: OF_SETTINGS }),
    async () => {
      const { version, rules } = await admin.rules(now())
      const lists = Object.values(watcher.book.entries).flat()
      return {
        version,
        rules,
        settings: lists
          .filter(({ setting }) => setting !== null)
          .map(({ kind, pattern, setting }) => ({ kind, pattern, setting })),
      }
    },
  )
  changeRoute<WantedRules & { reason?: string }>(
    app,
    '/rules',
    'Adds rules: all of them, or none',
    NEW_RULES,
    objectOf({ rules: RULES, merged: { type: ['object', 'null'] } }),
    ({ input, operator, request }) =>
      addRules(parts, request, input, deedOf(parts, operator, input.reason)),
  )
  changeRoute<{ ids: number[]; reason?: string }>(
    app,
    '/rules/remove',
    'Removes rules: all of them, or none',
    REMOVED_RULES,
    objectOf({}),
    async ({ input: { ids, reason }, operator }) => {
      await removeRules(parts, ids, deedOf(parts, operator, reason))
      return {}
    },
  )
  changeRoute<{ rules: NamedRule[] }>(
    app,
    '/rules/try',
    'Which known pages would become which by page rules; nothing is changed',
    TRIED_RULES,
    ANY_OBJECT,
    ({ input: { rules }, request }) => tryPageRules(parts, request, rules),
  )
  changeRoute<{ ids: number[]; reason?: string }>(
    app,
    '/rules/merge',
    'Merges known pages into those that they are by page rules',
    MERGED_RULES,
    ANY_OBJECT,
    ({ input: { ids, reason }, operator }) =>
      mergeKnown(parts, ids, deedOf(parts, operator, reason)),
  )
  readRoute<{ address?: string; agent?: string; page?: string }>(
    app,
    '/try',
    'What would become of a visit, and which entry decides',
    TRY_QUERY,
    ANY_OBJECT,
    async ({ input }) => tryRules(watcher.book, settings.visits.bots, input),
  )
  readRoute<{ hour?: string; limit?: string }>(
    app,
    '/spikes',
    'The pages that grew most in an hour, against their own past',
    SPIKES_QUERY,
    objectOf({ hour: WHOLE, spikes: { type: 'array', items: ANY_OBJECT } }),
    async ({ input }) => {
      const hour = input.hour === undefined ? hourOf(now()) : Number(input.hour)
      return { hour, spikes: await admin.spikes(hour, Number(input.limit ?? SPIKES)) }
    },
  )
}
