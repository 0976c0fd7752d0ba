// Files that share a process; see run.ts.
import '../database/group-commit.test.ts'
import '../database/hours.test.ts'
import '../database/notes.test.ts'
import '../database/queries.test.ts'
import '../store/forget.test.ts'
