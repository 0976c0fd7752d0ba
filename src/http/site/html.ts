import type { FastifyInstance } from 'fastify'

/** Adds a page that is the same for everybody. */
export function pageRoute(app: FastifyInstance, path: string, html: string): void {
  app.get(path, (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      // A cached page would load the files of an older version of the service.
      .header('cache-control', 'no-cache')
      .send(html),
  )
}

/**
 * Fills a page in: `<!--name-->…<!--/name-->` stays if `parts` has the name, and `{{name}}` becomes a value.
 * @param values HTML, which must hold nothing that a stranger chose
 */
export function fill(
  html: string,
  parts: ReadonlySet<string>,
  values: Readonly<Record<string, string>> = {},
): string {
  return html
    .replace(/\s*<!--(\w+)-->([\s\S]*?)<!--\/\1-->/g, (_all, name, inner) =>
      parts.has(name) ? inner : '',
    )
    .replace(/\{\{(\w+)\}\}/g, (_all, name) => values[name] ?? '')
}

/** Makes text safe in HTML, between tags and in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
