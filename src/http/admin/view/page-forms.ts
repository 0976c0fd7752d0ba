import type { AdminPage } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { visitsIn } from '../../../tallies.ts'
import { hourOf, writeHour } from '../../../time.ts'
import { hitsOf } from '../../site/written.ts'
import { type Form, formHtml, REASON, refusedForm } from './form.ts'
import type { Context } from './frame.ts'

/** Hours whose hits can be taken back here. */
const HOURS = 24

/** The form that gives a page its number. @param page null for an unknown page, which it makes */
export function setForm(context: Context, key: PageKey, page: AdminPage | null): string {
  const value = page === null ? '' : String(page.hits)
  return formHtml(context, {
    to: 'page',
    id: 'set',
    hidden: { action: 'set', page: key, version: String(page?.version ?? 0) },
    fields: [{ name: 'hits', label: 'Number', value, kind: 'whole', isRequired: true }, REASON],
    button: page === null ? 'Begin at this number' : 'Set the number',
    isPrimary: true,
  })
}

/** A form in a fold, whose name is also its action. */
type Fold = Pick<Form, 'id' | 'fields' | 'button' | 'about'> & { title: string }

const ADD: Fold = {
  id: 'add',
  title: 'Add to its number, or take away',
  fields: [
    {
      ...{ name: 'hits', label: 'Add', kind: 'number', isRequired: true },
      hint: '100 adds; -100 takes away.',
    },
    REASON,
  ],
  button: 'Add',
  about: 'Visits that arrive meanwhile are kept.',
}
const RENAME: Fold = {
  id: 'rename',
  title: 'Give it another address',
  fields: [
    { name: 'to', label: 'New address', kind: 'address', isRequired: true },
    {
      name: 'alias',
      label: 'The old address',
      isWide: true,
      choices: [
        ['yes', 'shows the same number'],
        ['no', 'begins at 0'],
      ],
    },
    REASON,
  ],
  button: 'Rename',
}
const MERGE: Fold = {
  id: 'merge',
  title: 'Merge it into another page',
  fields: [{ name: 'into', label: 'The other page', kind: 'address', isRequired: true }, REASON],
  button: 'Merge',
  about:
    'Numbers and histories add up, and this address answers with the other page’s number. This cannot be undone.',
}
const RESET: Fold = {
  id: 'reset',
  title: 'Begin again at 0',
  fields: [REASON],
  button: 'Begin again at 0',
  about: 'The number, the history and the visits that did not count are gone for good.',
}

/** The other changes of a page, each in a fold. The fold of a form that was refused is open. */
export async function foldsHtml(context: Context, page: AdminPage): Promise<string> {
  const folds = [ADD, await takeBack(context, page.page), RENAME, MERGE, RESET]
  const htmls = folds.map(({ title, ...fold }) => {
    const hidden = { action: fold.id, page: page.page, version: String(page.version) }
    const inner =
      fold.fields.length === 0
        ? `<p class="hint alone">${fold.about}</p>`
        : formHtml(context, { ...fold, to: 'page', hidden })
    const open = refusedForm(context, 'page', hidden) === null ? '' : ' open'
    return `<details${open}><summary>${title}</summary>${inner}</details>`
  })
  return htmls.join('\n          ')
}

/** Takes back the hits of one of the last hours. */
async function takeBack({ parts }: Context, page: PageKey): Promise<Fold> {
  const now = hourOf(parts.now())
  const hours = Array.from({ length: HOURS }, (_, ago) => now - ago)
  const spans = hours.map((hour) => ({ from: hour, to: hour + 1 }))
  const tallies = await parts.store.history(page, spans)
  const choices = hours.flatMap((hour, at) => {
    const hits = visitsIn(tallies[at], 'counted')
    if (hits === 0) return []
    const text = `${writeHour(hour)}: ${hitsOf(hits)}`
    return [[String(hour), text] as const]
  })
  const none = { fields: [], about: 'It had no hits in the last 24 hours.' }
  return {
    ...{ id: 'take-back', title: 'Take back the hits of an hour', button: 'Take them back' },
    ...(choices.length === 0
      ? none
      : { fields: [{ name: 'hour', label: 'Hour', isWide: true, choices }, REASON] }),
  }
}
