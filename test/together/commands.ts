// Files that share a process; see run.ts.
import '../commands/import-source.test.ts'
import '../commands/import.test.ts'
import '../commands/wrong-files.test.ts'
