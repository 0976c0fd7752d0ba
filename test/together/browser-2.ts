// Files that share a process; see run.ts.
import '../browser/home.test.ts'
import '../browser/own.test.ts'
import '../browser/pixels.test.ts'
import '../browser/proxy.test.ts'
import '../browser/script.test.ts'
import '../browser/scripts.test.ts'
import '../browser/window.test.ts'
import '../browser/without-cookie.test.ts'
