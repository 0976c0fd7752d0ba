import type { Administration } from '../../../admin.ts'
import type { UncountedQueue } from '../../batch.ts'
import type { WriterThread } from '../thread.ts'
import type { Work } from '../work.ts'
import type { ListReader } from './lists.ts'

/** The administration of a SQLite file. */
export function administration(
  thread: WriterThread,
  lists: ListReader,
  uncounted: UncountedQueue,
): Administration {
  const callOf =
    <Name extends keyof Work>(name: Name) =>
    (...parameters: Parameters<Work[Name]>) =>
      thread.call(name, ...parameters)
  return {
    versions: callOf('versions'),
    async change(...parameters) {
      // Visits that did not count are a part of the pages as they were before.
      await uncounted.write()
      return thread.call('change', ...parameters)
    },
    pages: lists.pages,
    spikes: lists.spikes,
    page: callOf('page'),
    pageKeys: callOf('pageKeys'),
    purgeRemoved: callOf('purgeRemoved'),
    audit: callOf('audit'),
    record: callOf('record'),
    rules: callOf('rules'),
    addRules: callOf('addRules'),
    removeRules: callOf('removeRules'),
    sweepRules: callOf('sweepRules'),
    addLink: callOf('addLink'),
    useLink: callOf('useLink'),
    addSession: callOf('addSession'),
    session: callOf('session'),
    sessions: callOf('sessions'),
    endSessions: callOf('endSessions'),
    addKey: callOf('addKey'),
    key: callOf('key'),
    keys: callOf('keys'),
    revokeKey: callOf('revokeKey'),
    sweepSecrets: callOf('sweepSecrets'),
  }
}
