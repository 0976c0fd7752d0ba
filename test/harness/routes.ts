import type { FastifyInstance } from 'fastify'

/** Every route of an app with the methods that it takes, such as `/count` with GET, HEAD, OPTIONS and POST. */
export function routesOf(app: FastifyInstance): Map<string, string[]> {
  const routes = new Map<string, string[]>()
  // Fastify prints a tree: a line holds what its path adds to the path of its parent, which is indented by four columns less.
  const above: string[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', part = '', methods] = /^(.*?)[└├]── (\S+)(?: \((.*)\))?$/.exec(line) ?? []
    const depth = indent.length / 4
    above.splice(depth, Number.POSITIVE_INFINITY, part)
    if (methods) routes.set(above.join('').replace('//', '/'), methods.split(', '))
  }
  return routes
}
