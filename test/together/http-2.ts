// Files that share a process; see run.ts.
import '../http/me.test.ts'
import '../http/openapi.test.ts'
import '../http/outcomes.test.ts'
import '../http/pages.test.ts'
import '../http/periods.test.ts'
import '../http/site/statistics.test.ts'
import '../http/statistics-access.test.ts'
