// Files that share a process, and that `npm run test:quick` leaves out: they start services, or wait for seconds.
import '../database/log.test.ts'
import '../http/accept.test.ts'
import '../http/admin/secrets.test.ts'
import '../http/log.test.ts'
import '../http/untrusted-proxy.test.ts'
