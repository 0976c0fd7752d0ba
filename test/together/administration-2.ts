// Files that share a process; see run.ts.
import { allAreLoaded } from '../harness/loaded.ts'
import '../http/admin/anything.test.ts'
import '../http/admin/removed.test.ts'
import '../http/admin/rules.test.ts'

allAreLoaded()
