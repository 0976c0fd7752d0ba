// Files that share a process; see run.ts.
import '../http/admin/actions.test.ts'
import '../http/admin/anything.test.ts'
import '../http/admin/owners.test.ts'
import '../http/admin/refused.test.ts'
import '../http/admin/removed.test.ts'
import '../http/admin/rules.test.ts'
import '../http/admin/secrets.test.ts'
import '../http/admin/sign-in.test.ts'
