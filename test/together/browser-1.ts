// Files that share a process; see run.ts.
import '../browser/access.test.ts'
import '../browser/api.test.ts'
import '../browser/builder.test.ts'
import '../browser/gallery.test.ts'
import '../browser/options.test.ts'
import '../browser/page.test.ts'
