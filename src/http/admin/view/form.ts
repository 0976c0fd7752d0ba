import { escapeHtml } from '../../site/html.ts'
import { type Context, hiddenField, type Refused } from './frame.ts'

export interface Field {
  name: string
  label: string
  value?: string
  hint?: string
  placeholder?: string
  /** By default a line of text. */
  kind?: 'text' | 'address' | 'whole' | 'number' | 'date'
  isRequired?: boolean
  /** Whether it has a row of its own. */
  isWide?: boolean
  /** Choices by their values, shown in a list. */
  choices?: readonly (readonly [value: string, text: string])[]
}

export interface Form {
  /** What it is posted to, relative to /admin/. */
  to: string
  /** Names the form on its page. */
  id: string
  /** Fields that nobody sees. One that is called `action` tells the forms of one address apart. */
  hidden: Readonly<Record<string, string>>
  fields: readonly Field[]
  button: string
  isPrimary?: boolean
  /** A sentence under the fields. */
  about?: string
}

/** Why a change is made. */
export const REASON: Field = { name: 'reason', label: 'Reason', placeholder: 'For the audit log' }

/** The refused form of a page, if it was sent to this address, with these values; else null. */
export function refusedForm(
  { refused }: Context,
  to: string,
  hidden: Readonly<Record<string, string>>,
): Refused | null {
  if (refused?.sent.form !== to) return null
  const { fields } = refused.sent
  const named = Object.entries(hidden).filter(([name]) => name !== 'version')
  return named.every(([name, value]) => fields.get(name) === value) ? refused : null
}

/** A form. If it was refused, it shows again what was typed, and says why. */
export function formHtml(context: Context, form: Form): string {
  const { to, id, hidden, fields, button, isPrimary = false, about } = form
  const refused = refusedForm(context, to, hidden)
  const rows = fields.map((field, at) => {
    const value = refused?.sent.fields.get(field.name) ?? field.value ?? ''
    return fieldHtml(id, { ...field, value }, refused !== null && at === 0)
  })
  return `<form class="form" method="post" action="${to}" autocomplete="off" id="${id}">
            ${hiddenFields(context, hidden)}
            ${wrongHtml(refused, id)}
            ${rows.join('\n            ')}
            ${about === undefined ? '' : `<p class="hint wide">${about}</p>`}
            <div class="wide"><button${isPrimary ? ' class="primary"' : ''} type="submit">${button}</button></div>
          </form>`
}

/**
 * A form that is one button, in a row of a table.
 * @param more of its name, for those who do not see its row
 * @param hasReason whether a reason can be typed in beside it
 */
export function buttonForm(
  context: Context,
  to: string,
  hidden: Readonly<Record<string, string>>,
  text: string,
  more = '',
  hasReason = false,
): string {
  const rest = more === '' ? '' : ` <span class="hidden">${escapeHtml(more)}</span>`
  const reason = hasReason
    ? `<input name="reason" ${KINDS.text} placeholder="Reason" aria-label="Reason: ${text} ${escapeHtml(more)}" />`
    : ''
  return `<form class="beside" method="post" action="${to}" autocomplete="off">${hiddenFields(context, hidden)}${reason}<button type="submit">${text}${rest}</button></form>`
}

/**
 * A form about the rows of a table that are chosen.
 * @param to what it is posted to, relative to /admin/
 * @param actions what can be done to the chosen rows, and the words and the look of its button
 */
export function chosenForm(
  context: Context,
  { to, id, rows }: { to: string; id: string; rows: string },
  actions: readonly (readonly [action: string, text: string, look?: 'primary'])[],
): string {
  const isSent = actions.some(([action]) => refusedForm(context, to, { action }) !== null)
  const refused = isSent ? context.refused : null
  const value = refused?.sent.fields.get('reason') ?? ''
  const buttons = actions.map(([action, text, look]) => {
    const attributes = `${look ? `class="${look}" ` : ''}type="submit" name="action"`
    return `<button ${attributes} value="${action}">${text}</button>`
  })
  return `<form method="post" action="${to}" autocomplete="off" class="chosen" id="${id}">
          ${hiddenFields(context)}
          ${wrongHtml(refused, id)}
          ${rows}
          <div class="bar">
            ${fieldHtml(id, { ...REASON, value })}
            <div class="buttons">${buttons.join('')}</div>
          </div>
        </form>`
}

/** The sentence of a refusal, beside its form. */
function wrongHtml(refused: Refused | null, id: string): string {
  if (refused === null) return ''
  return `<p class="wrong wide" id="${id}-wrong" role="alert">${escapeHtml(refused.refusal.message)}</p>`
}

/** The fields that every form has, and its own hidden ones. */
export function hiddenFields(
  { csrf, address }: Context,
  hidden: Readonly<Record<string, string>> = {},
): string {
  const fields = Object.entries({ back: address, ...hidden })
  return (csrf ?? '') + fields.map(([name, value]) => hiddenField(name, value)).join('')
}

const KINDS = {
  text: 'type="text" maxlength="500"',
  address: 'type="text" inputmode="url" spellcheck="false" autocapitalize="off"',
  // A number may be written with commas.
  whole: 'type="text" inputmode="numeric" spellcheck="false"',
  // The keypad of a phone has no minus, with which a number is taken away.
  number: 'type="text" inputmode="text" spellcheck="false"',
  date: 'type="date"',
} as const

/** A field with its label. @param isWrong whether the sentence of the form's refusal is about it */
export function fieldHtml(form: string, field: Field, isWrong = false): string {
  const { name, label, value = '', hint, placeholder, kind = 'text', choices } = field
  const id = `${form}-${name}`
  const described = [isWrong && `${form}-wrong`, hint !== undefined && `${id}-hint`].filter(Boolean)
  const attributes = [
    `id="${id}"`,
    `name="${name}"`,
    field.isRequired && 'required',
    isWrong && 'aria-invalid="true"',
    described.length > 0 && `aria-describedby="${described.join(' ')}"`,
  ]
    .filter(Boolean)
    .join(' ')
  const about = hint === undefined ? '' : `<p class="hint" id="${id}-hint">${hint}</p>`
  const control = choices
    ? `<select ${attributes}>${choices.map((choice) => optionHtml(choice, value)).join('')}</select>`
    : `<input ${attributes} ${KINDS[kind]} value="${escapeHtml(value)}"${placeholder ? ` placeholder="${escapeHtml(placeholder)}"` : ''} />`
  return `<div class="field${field.isWide ? ' wide' : ''}"><label for="${id}">${label}</label>${control}${about}</div>`
}

function optionHtml([value, text]: readonly [string, string], chosen: string): string {
  return `<option value="${escapeHtml(value)}"${value === chosen ? ' selected' : ''}>${text}</option>`
}
