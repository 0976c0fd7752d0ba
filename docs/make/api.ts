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

/** The part of /openapi.json that version 1 promises to keep: its routes, and the schemas that they use. */
export function promiseOf(text: string): string {
  const { paths, tags, components, ...document }: Document = JSON.parse(text)
  const own = Object.entries(paths).filter(([path]) => VERSION_1.test(path))
  // The names of shared parameters depend on all routes of the document.
  const plain = JSON.stringify(Object.fromEntries(own)).replaceAll(
    /\{"\$ref":"#\/components\/parameters\/(\w+)"\}/g,
    (_all, name) => JSON.stringify(components.parameters?.[name]),
  )
  const schemas: Record<string, object> = {}
  for (const [, name = ''] of plain.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    schemas[name] = components.schemas?.[name] as object
  }
  const promise = {
    ...document,
    tags: tags.filter(({ name }) => name === 'API'),
    paths: JSON.parse(plain),
    components: { schemas },
  }
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
