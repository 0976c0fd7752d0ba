// The gallery: copies the tag of an example.
import { copyToClipboard } from './copy.js'
import { readSetup } from './setup.js'
import { tagOf } from './tags.js'

const shelves = document.getElementById('shelves')
const said = document.getElementById('said')
const { base: set, label: usual = '' } = shelves?.dataset ?? {}
const base = set || new URL('.', location.href).href.replace(/\/$/, '')

shelves?.addEventListener('click', async ({ target }) => {
  if (!(target instanceof HTMLButtonElement)) return
  const search = `?${target.dataset.query}`
  const setup = readSetup(search, [...new URLSearchParams(search).keys()])
  const tag = tagOf(base, setup, setup.options.get('label') ?? usual, 'HTML')
  const copied = await copyToClipboard(tag, target)
  if (said)
    said.textContent = copied
      ? 'HTML copied'
      : 'The browser refuses to copy. Open the example and copy its tag there.'
})
