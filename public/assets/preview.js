// The badge as it will look, drawn by the server.
import { fields, setupOfForm } from './form.js'
import { byId, here, number } from './page.js'
import { badgeUrl, encode } from './snippets.js'

const preview = byId('preview', HTMLImageElement)
const previewText = byId('preview-text', HTMLElement)
const urlHint = byId('url-hint', HTMLElement)
const URL_HINT = urlHint.textContent ?? ''

/** Whether this instance serves its own page, by which an empty form is shown: its lists may not allow it. */
const servesItself = await fetch(`nocount?url=${encode(here)}`).then(
  async (response) => (await response.text()) !== '' && response.status !== 403,
)
byId('live', HTMLElement).hidden = !servesItself

let asked = 0

/** Shows the badge of the form's setup, and says what it shows or what is wrong. */
export async function drawPreview() {
  const ask = ++asked
  const named = fields.url.value.trim() !== ''
  preview.hidden = !named && !servesItself
  if (preview.hidden) return explain('This instance serves chosen pages only: name one of them.')
  const url = badgeUrl('', { ...setupOfForm(), mode: 'show', url: fields.url.value.trim() || here })
  preview.src = url
  // Those who see the image see what is wrong; asked for text, the server says it in a sentence.
  const response = await fetch(url, { headers: { accept: 'text/plain' } })
  const text = await response.text()
  if (ask !== asked) return
  if (!response.ok) {
    preview.alt = 'a badge that says what is wrong'
    return explain('', text.trim())
  }
  preview.alt = ariaLabel(text)
  explain(
    named
      ? `Its number now: ${number(Number(preview.alt.split(' ').at(-1)))}`
      : 'Shown here with this page’s own number',
  )
}

/** @param {string} svg */
function ariaLabel(svg) {
  const [, label = ''] = /aria-label="([^"]*)"/.exec(svg) ?? []
  return new DOMParser().parseFromString(label, 'text/html').body.textContent || 'the badge'
}

/**
 * Says what the preview shows or what is wrong, beside the field that it is about.
 * @param {string} state
 * @param {string} wrong a refusal's sentence; one about an option begins with the option's name
 */
function explain(state, wrong = '') {
  const option = Object.keys(fields).find((name) => wrong.startsWith(`${name} must`))
  const field = wrong && (option ?? 'url')
  for (const [name, element] of Object.entries(fields)) {
    element.setAttribute('aria-invalid', String(name === field))
  }
  urlHint.textContent = field === 'url' ? wrong : URL_HINT
  urlHint.classList.toggle('wrong', field === 'url')
  previewText.textContent = wrong || state
  previewText.classList.toggle('wrong', wrong !== '')
}
