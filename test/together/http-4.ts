// Files that share a process; see run.ts.
import '../http/api/client.test.ts'
import '../http/api/many.test.ts'
import '../http/api/private.test.ts'
import '../http/api/promise.test.ts'
import '../http/api/reference.test.ts'
import '../http/api/requests.test.ts'
