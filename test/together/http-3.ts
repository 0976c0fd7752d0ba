// Files that share a process; see run.ts.
import '../http/privacy.test.ts'
import '../http/query.test.ts'
import '../http/refusals.test.ts'
import '../http/shields.test.ts'
import '../http/show.test.ts'
import '../http/window-cookie.test.ts'
import '../http/wire.test.ts'
