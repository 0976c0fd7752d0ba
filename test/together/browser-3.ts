// Files that share a process; see run.ts.
import '../browser/admin.test.ts'
