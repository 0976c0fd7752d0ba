// Files that share a process; see run.ts.
import '../postgres/administration.test.ts'
import '../postgres/import.test.ts'
import '../postgres/in-the-way.test.ts'
import '../postgres/live.test.ts'
import '../postgres/operators.test.ts'
import '../postgres/shared.test.ts'
import '../postgres/turns.test.ts'
import '../postgres/unknown.test.ts'
