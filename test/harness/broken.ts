// Breaks a step of the service's start on purpose, by code that is added to a file of src/. Functions of a module can be
// replaced by code in it.
import { registerHooks } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/** Adds code to files of src/ that are loaded from now on. @param codeOf the code for a file, or null */
export function addCode(codeOf: (file: string) => string | null): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const code = codeOf(/\/src\/(.+)$/.exec(url)?.[1] ?? '')
      return code === null ? loaded : { ...loaded, source: `${loaded.source}\n${code}` }
    },
  })
}

// For `node --import`. A thread that registers hooks waits for them for ever.
const { BROKEN_FILE, BROKEN_CODE = '' } = process.env
if (BROKEN_FILE && isMainThread) addCode((file) => (file === BROKEN_FILE ? BROKEN_CODE : null))
