import { escapeHtml } from '../../site/html.ts'
import { asWritten, figure } from '../../site/written.ts'

/** Text that a stranger may have chosen, apart from the direction of what is around it. */
export function isolated(text: string): string {
  return `<bdi>${escapeHtml(text)}</bdi>`
}

/** A pattern of a list, as it is written. */
export function codeHtml(text: string): string {
  return `<code>${isolated(text)}</code>`
}

/** The address, relative to /admin/, of the page about a page. */
export function addressOf(page: string): string {
  return `page?url=${encodeURIComponent(page)}`
}

/** A page's key as people write it, as a link to the page about it. */
export function pageLink(page: string): string {
  return `<a href="${escapeHtml(addressOf(page))}" title="${escapeHtml(page)}">${isolated(asWritten(page))}</a>`
}

/** Writes times where the instance is. */
export class Clock {
  readonly #minute: Intl.DateTimeFormat
  readonly #day: Intl.DateTimeFormat

  constructor(timeZone: string) {
    // Swedish dates are those of ISO 8601.
    this.#minute = new Intl.DateTimeFormat('sv', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'short',
    })
    this.#day = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short' })
  }

  /** A time such as `2026-01-15 12:00`. */
  minute(at: number): string {
    return timeHtml(at, this.#minute)
  }

  day(at: number): string {
    return timeHtml(at, this.#day)
  }

  /** The time of day at which an hour begins, such as `12:00`. */
  hour(at: number): string {
    return this.#minute.format(at).slice(-5)
  }
}

function timeHtml(at: number, format: Intl.DateTimeFormat): string {
  return `<time datetime="${new Date(at).toISOString()}">${format.format(at)}</time>`
}

export interface Column {
  name: string
  /** How its cells are shown; as text, if it is missing. `row` is the cell that names the row. */
  kind?: 'row' | 'number' | 'check' | 'act'
}

/**
 * A table. On a narrow screen each row becomes a block in which every cell is named, so its parts have their roles in words too:
 * browsers may forget the roles of a table that is not laid out as one.
 * @param rows HTML, by row and column
 */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const heads = columns.map(
    ({ name, kind }) =>
      `<th role="columnheader" scope="col"${classOf(kind)}>${kind === 'check' || kind === 'act' ? `<span class="hidden">${name}</span>` : name}</th>`,
  )
  const cells = (row: readonly string[]) =>
    columns.map(({ name, kind }, at) => {
      const cell = kind === 'row' ? 'th' : 'td'
      const role = kind === 'row' ? 'rowheader" scope="row' : 'cell'
      return `<${cell} role="${role}"${classOf(kind)} data-name="${name}">${row[at]}</${cell}>`
    })
  return `<table role="table">
          <caption class="hidden">${caption}</caption>
          <thead role="rowgroup"><tr role="row">${heads.join('')}</tr></thead>
          <tbody role="rowgroup">
            ${rows.map((row) => `<tr role="row">${cells(row).join('')}</tr>`).join('\n            ')}
          </tbody>
        </table>`
}

const classOf = (kind: Column['kind']) => (kind === undefined ? '' : ` class="${kind}"`)

/** A link of a list of which one is open. */
export function choiceLink(address: string, text: string, isOpen: boolean): string {
  return `<a href="${escapeHtml(address)}"${isOpen ? ' aria-current="true"' : ''}>${text}</a>`
}

/** A box that chooses a row. */
export function checkbox(name: string, value: string, label: string, checked = false): string {
  return `<label class="box"><input type="checkbox" name="${name}" value="${escapeHtml(value)}"${checked ? ' checked' : ''} /> <span class="hidden">${escapeHtml(label)}</span></label>`
}

/** An address with the parameters that have a value. */
export function withQuery(path: string, parameters: Readonly<Record<string, string>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '')
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

/** Hits, or a difference of hits, in groups of three digits. */
export { figure }
