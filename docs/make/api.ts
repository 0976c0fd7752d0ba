import { registerHooks } from 'node:module'

/** The beginning of the paths of version 1, without those of administration. */
const VERSION_1 = /^\/api\/v1\/(?!admin\/)/
/** What openapi-typescript writes above the types. */
const WRITTEN = `/** Types of version 1, which \`npm run docs\` writes from docs/openapi.json by openapi-typescript. */

`

interface Document {
  paths: Record<string, object>
  tags: { name: string }[]
  components: Record<string, Record<string, object>>
}

/** The part of /openapi.json that version 1 promises to keep: its routes, and the components that they use. */
export function promiseOf(text: string): string {
  const document: Document = JSON.parse(text)
  const paths = Object.entries(document.paths).filter(([path]) => VERSION_1.test(path))
  const components: Document['components'] = {}
  for (let more = JSON.stringify(paths); more !== ''; ) {
    const added: object[] = []
    for (const [, kind = '', name = ''] of more.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      components[kind] ??= {}
      if (components[kind][name]) continue
      components[kind][name] = document.components[kind]?.[name] as object
      added.push(components[kind][name])
    }
    more = added.length === 0 ? '' : JSON.stringify(added)
  }
  const tags = document.tags.filter(({ name }) => name === 'API')
  const promise = { ...document, tags, paths: Object.fromEntries(paths), components }
  return `${JSON.stringify(promise, null, 2)}\n`
}

/** TypeScript's types of a document. */
export async function typesOf(promise: string): Promise<string> {
  // openapi-typescript needs the interface that TypeScript has no more since version 7.
  const hooks = registerHooks({
    resolve: (name, context, next) => next(name === 'typescript' ? 'typescript-5' : name, context),
  })
  try {
    const { default: read, astToString } = await import('openapi-typescript')
    return WRITTEN + astToString(await read(JSON.parse(promise), { alphabetize: true }))
  } finally {
    hooks.deregister()
  }
}
