// Files that share a process; see run.ts.
import '../database/batch.test.ts'
import '../database/roll-up.test.ts'
import '../database/uncounted.test.ts'
import '../database/queries.test.ts'
import '../store/active-pages.test.ts'
import '../store/forget.test.ts'
