import type { FastifyRequest } from 'fastify'

/**
 * Fills a page in: `<!--name-->…<!--/name-->` stays if `parts` has the name, and `{{name}}` becomes a value.
 * @param values HTML, in which whatever a stranger chose is escaped
 */
export function fill(
  html: string,
  parts: ReadonlySet<string>,
  values: Readonly<Record<string, string>> = {},
): string {
  return keepParts(html, parts).replace(/\{\{(\w+)\}\}/g, (_all, name) => values[name] ?? '')
}

/** A part may have other parts in it. */
function keepParts(html: string, parts: ReadonlySet<string>): string {
  return html.replace(/\s*<!--(\w+)-->([\s\S]*?)<!--\/\1-->/g, (_all, name, inner) =>
    parts.has(name) ? keepParts(inner, parts) : '',
  )
}

/** Makes text safe in HTML, between tags and in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** The address at which people reach this instance, without a slash at the end: as it is set, else as the request names it. */
export function baseOf({ protocol, host }: FastifyRequest, publicUrl: string | undefined): string {
  return publicUrl ?? `${protocol}://${host}`
}

/** Makes JSON safe inside a script element. */
export function jsonInHtml(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
