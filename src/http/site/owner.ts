import type { Refusal } from '../../refusal.ts'
import { escapeHtml } from './html.ts'

/** What the owner of a page can do with a key, in the words of the form. */
const ACTIONS = {
  set: 'Set the number to',
  add: 'Add to the number',
  reset: 'Begin again at 0',
  remove: 'Remove the page',
  restore: 'Restore the page',
} as const

/** What was done, as a sentence. */
const DONE: Readonly<Record<keyof typeof ACTIONS, string>> = {
  set: 'The number is set.',
  add: 'The number is changed.',
  reset: 'The page begins again at 0.',
  remove: 'The page is removed. Your key can restore it.',
  restore: 'The page is restored.',
}

/** A form of an owner that was refused, or that is asked again. */
export interface RefusedOwner {
  refusal: Refusal
  fields: URLSearchParams
  /** What is asked before it is done; null if the form was refused. */
  question: string | null
}

/** Asks the owner of a page again. The key goes along, so that it need not be typed twice. */
function questionHtml(question: string, fields: URLSearchParams): string {
  const hidden = ['url', 'key', 'action', 'reason'].map(
    (name) =>
      `<input type="hidden" name="${name}" value="${escapeHtml(fields.get(name) ?? '')}" />`,
  )
  const action = fields.get('action') as keyof typeof ACTIONS
  return `<section class="card note" aria-labelledby="ask">
        <h2 id="ask">${escapeHtml(question)}</h2>
        <form class="form" method="post" action="page" autocomplete="off">
          ${hidden.join('')}<input type="hidden" name="confirm" value="yes" />
          <div class="wide">
            <button class="primary" type="submit">${ACTIONS[action]}</button>
            <a href="page?url=${escapeHtml(encodeURIComponent(fields.get('url') ?? ''))}">Cancel</a>
          </div>
        </form>
      </section>`
}

/** What the address says that an owner did; null for nothing. */
export function doneByOwner(action: unknown): string | null {
  return typeof action === 'string' && Object.hasOwn(DONE, action)
    ? DONE[action as keyof typeof DONE]
    : null
}

/**
 * The form by which the owner of a page changes its number with a key, in a fold. It is open if the form was refused.
 * @param url the page's address
 * @param first the action that is chosen
 * @param refused the form as it was filled in; its key is not shown again
 */
export function ownerFold(
  url: string,
  first: keyof typeof ACTIONS,
  refused: RefusedOwner | null,
): string {
  if (refused?.question) return questionHtml(refused.question, refused.fields)
  const typed = (name: string) => escapeHtml(refused?.fields.get(name) ?? '')
  const chosen = refused?.fields.get('action') ?? first
  const choices = Object.entries(ACTIONS).map(
    ([action, text]) =>
      `<label><input type="radio" name="action" value="${action}"${action === chosen ? ' checked' : ''} /><span>${text}</span></label>`,
  )
  const wrong = refused
    ? `<p id="owner-wrong" class="wrong wide" role="alert">${escapeHtml(refused.refusal.message)}</p>`
    : ''
  const described = refused ? ' aria-describedby="owner-wrong"' : ''
  return `<details class="card"${refused ? ' open' : ''}>
        <summary>This is your page? Change its number with your key</summary>
        <form class="form" method="post" action="page" autocomplete="off">
          <input type="hidden" name="url" value="${escapeHtml(url)}" />
          ${wrong}
          <div class="field wide">
            <label for="key">Your key</label>
            <input id="key" name="key" type="password" autocomplete="off" required maxlength="200"${described} />
            <p class="hint">The operator of this counter gives one to the owner of a page. It is sent only with this form.</p>
          </div>
          <fieldset class="field wide">
            <legend class="legend">What to do</legend>
            <div class="choice">${choices.join('')}</div>
          </fieldset>
          <div class="field">
            <label for="hits">Number</label>
            <input id="hits" name="hits" type="text" value="${typed('hits')}" aria-describedby="hits-hint" maxlength="30" />
            <p id="hits-hint" class="hint">To set, or to add; -5 takes 5 away.</p>
          </div>
          <div class="field">
            <label for="reason">Reason</label>
            <input id="reason" name="reason" type="text" value="${typed('reason')}" maxlength="500" />
          </div>
          <div class="wide"><button class="primary" type="submit">Change it</button></div>
        </form>
      </details>`
}
