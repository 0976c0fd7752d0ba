// Loaded by the test runner before all else. Every test file is a process, and every store in it a thread: each would
// strip the types of the same modules again. They find this through their environment.
import { join } from 'node:path'

process.env.NODE_COMPILE_CACHE ??= join(
  import.meta.dirname,
  '../../node_modules/.cache/tallymark-compiled',
)
