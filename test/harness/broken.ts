// Loaded into the server before its own code: appends BROKEN_CODE to the source of the file that BROKEN_FILE names, so
// that one step of its start can be broken on purpose. Functions of a module can be replaced by code in it.
import { registerHooks } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const { BROKEN_FILE = '', BROKEN_CODE } = process.env

// A thread that registers hooks waits for them for ever.
if (isMainThread) {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      if (!url.endsWith(`/src/${BROKEN_FILE}`)) return loaded
      return { ...loaded, source: `${loaded.source}\n${BROKEN_CODE}` }
    },
  })
}
