/**
 * Fills a page in: `<!--name-->…<!--/name-->` stays where the name is among `parts`, and `{{name}}` becomes a value.
 * @param values HTML; nothing that a stranger chose
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

/** Text for HTML, between tags and in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
