// Files that share a process; see run.ts.
import { allAreLoaded } from '../harness/loaded.ts'
import '../http/admin/actions.test.ts'
import '../http/admin/document.test.ts'
import '../http/admin/owners.test.ts'
import '../http/admin/pages.test.ts'
import '../http/admin/refused.test.ts'
import '../http/admin/sign-in.test.ts'
import '../http/admin/tries.test.ts'

allAreLoaded()
