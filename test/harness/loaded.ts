import test from 'node:test'
import { FILE } from './app.ts'

const loading = Promise.withResolvers<void>()

/**
 * Says that all test files which share this process are loaded. Each starts services while it is loaded, at the same time as the
 * others. If the tests of one ended meanwhile, the runner would take the run to be over, and never run those of the others.
 * Imported before the test files, this one has the runner wait.
 */
export const allAreLoaded = loading.resolve

FILE.after(() => {})
test('all files of this process are loaded', () => loading.promise)
