import type { Deed } from '../../../admin.ts'
import { writeTime } from '../../../time.ts'
import { escapeHtml } from '../../site/html.ts'
import { asWritten } from '../../site/written.ts'

/** Text that a stranger may have chosen, apart from the direction of what is around it. */
export function isolated(text: string): string {
  return `<bdi>${escapeHtml(text)}</bdi>`
}

/** Who did something, when and why. */
export function deedHtml(clock: Clock, { actor, reason, at }: Deed): string {
  const why = reason === '' ? '' : `<span class="reason">${isolated(reason)}</span>`
  return `<span class="deed">${clock.minute(at)} by ${isolated(actor)}${why}</span>`
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

/** Writes times in UTC, and days as they are where the instance is. */
export class Clock {
  readonly #day: Intl.DateTimeFormat

  constructor(timeZone: string) {
    // Swedish dates are those of ISO 8601.
    this.#day = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short' })
  }

  /** A time such as `2026-01-15 12:00 UTC`. */
  minute(at: number): string {
    return timeHtml(at, writeTime(at))
  }

  day(at: number): string {
    return timeHtml(at, this.#day.format(at))
  }
}

function timeHtml(at: number, text: string): string {
  return `<time datetime="${new Date(at).toISOString()}">${text}</time>`
}

/** The columns of a table, each with how its cells are shown. `row` is the cell that names the row. */
export type Columns = Readonly<Record<string, 'row' | 'text' | 'number' | 'check' | 'act'>>

/**
 * A table. On a narrow screen each row becomes a block in which every cell is named, so its parts have their roles in words too:
 * browsers may forget the roles of a table that is not laid out as one.
 * @param rows HTML, by row and column
 */
export function table(caption: string, columns: Columns, rows: readonly string[][]): string {
  const heads: string[] = []
  const cells: ((html: string) => string)[] = []
  for (const [name, kind] of Object.entries(columns)) {
    const look = kind === 'text' ? '' : ` class="${kind}"`
    const isShown = kind !== 'check' && kind !== 'act'
    const head = isShown ? name : `<span class="hidden">${name}</span>`
    heads.push(`<th role="columnheader" scope="col"${look}>${head}</th>`)
    const [cell, role] = kind === 'row' ? ['th', 'rowheader" scope="row'] : ['td', 'cell']
    cells.push((html) => `<${cell} role="${role}"${look} data-name="${name}">${html}</${cell}>`)
  }
  const body = rows.map(
    (row) => `<tr role="row">${row.map((html, at) => cells[at]?.(html)).join('')}</tr>`,
  )
  return `<table role="table">
          <caption class="hidden">${caption}</caption>
          <thead role="rowgroup"><tr role="row">${heads.join('')}</tr></thead>
          <tbody role="rowgroup">
            ${body.join('\n            ')}
          </tbody>
        </table>`
}

/** A link of a list of which one is open. */
export function choiceLink(address: string, text: string, isOpen: boolean): string {
  return `<a href="${escapeHtml(address)}"${isOpen ? ' aria-current="true"' : ''}>${text}</a>`
}

/** A box that chooses a row. @param label names the row */
export function checkbox(name: string, value: string, label: string, isChosen = false): string {
  const attributes = `name="${name}" value="${escapeHtml(value)}"${isChosen ? ' checked' : ''}`
  return `<label class="box"><input type="checkbox" ${attributes} /> <span class="hidden">Choose ${escapeHtml(label)}</span></label>`
}

/** An address with the parameters that have a value. */
export function withQuery(path: string, parameters: Readonly<Record<string, string>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '')
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}
