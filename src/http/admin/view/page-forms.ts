import type { AdminPage } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { HOUR_MS, hourOf } from '../../../time.ts'
import { figure } from '../../site/written.ts'
import type { Context } from './context.ts'
import { type Form, formHtml, isRefused, REASON } from './form.ts'

/** Hours whose hits can be taken back here. */
const HOURS = 24

/** The form that gives a page its number. @param page null for an unknown page, which it makes */
export function setForm(context: Context, key: PageKey, page: AdminPage | null): string {
  return formHtml(context, {
    to: 'page',
    id: 'set',
    hidden: { action: 'set', page: key, version: String(page?.version ?? 0) },
    fields: [
      {
        name: 'hits',
        label: 'Number',
        value: page === null ? '' : String(page.hits),
        kind: 'number',
        isRequired: true,
      },
      REASON,
    ],
    button: page === null ? 'Begin at this number' : 'Set the number',
    isPrimary: true,
  })
}

/** The other changes of a page, each in a fold. The fold of a form that was refused is open. */
export async function foldsHtml(context: Context, page: AdminPage): Promise<string> {
  const hidden = (action: string) => ({
    action,
    page: page.page,
    version: String(page.version),
  })
  const forms: (Form & { title: string })[] = [
    {
      ...{ to: 'page', id: 'add', title: 'Add to its number, or take away', hidden: hidden('add') },
      fields: [
        {
          name: 'hits',
          label: 'Add',
          kind: 'number',
          isRequired: true,
          hint: '100 adds; -100 takes away.',
        },
        REASON,
      ],
      button: 'Add',
      about: 'Visits that arrive meanwhile are kept.',
    },
    await takeBackForm(context, page, hidden('take-back')),
    {
      ...{ to: 'page', id: 'rename', title: 'Give it another address', hidden: hidden('rename') },
      fields: [
        { name: 'to', label: 'New address', kind: 'address', isRequired: true },
        {
          name: 'alias',
          label: 'The old address',
          choices: [
            ['yes', 'answers with the new one’s number'],
            ['no', 'becomes unknown, and begins at 0'],
          ],
        },
        REASON,
      ],
      button: 'Rename',
    },
    {
      ...{ to: 'page', id: 'merge', title: 'Merge it into another page', hidden: hidden('merge') },
      fields: [
        { name: 'into', label: 'The other page', kind: 'address', isRequired: true },
        REASON,
      ],
      button: 'Merge',
      about:
        'Numbers and histories add up, and this address answers with the other page’s number. This cannot be undone.',
    },
    {
      ...{ to: 'page', id: 'reset', title: 'Begin again at 0', hidden: hidden('reset') },
      fields: [REASON],
      button: 'Begin again at 0',
      about: 'The number, the history and the visits that did not count are gone for good.',
    },
  ]
  return forms.map((form) => foldHtml(context, form)).join('\n          ')
}

function foldHtml(context: Context, { title, ...form }: Form & { title: string }): string {
  const inner =
    form.fields.length === 0 ? `<p class="hint alone">${form.about}</p>` : formHtml(context, form)
  return `<details${isRefused(context, form) ? ' open' : ''}><summary>${title}</summary>${inner}</details>`
}

/** Takes back the hits of one of the last hours. */
async function takeBackForm(
  { parts, clock }: Context,
  { page }: AdminPage,
  hidden: Form['hidden'],
): Promise<Form & { title: string }> {
  const now = hourOf(parts.now())
  const hours = Array.from({ length: HOURS }, (_, ago) => now - ago)
  const tallies = await parts.store.history(
    page,
    hours.map((hour) => ({ from: hour, to: hour + 1 })),
  )
  const choices = hours.flatMap((hour, at) => {
    const hits = tallies[at]?.find(({ outcome }) => outcome === 'counted')?.visits ?? 0
    const begin = clock.hour(hour * HOUR_MS)
    return hits === 0
      ? []
      : [[String(hour), `from ${begin}: ${figure(hits)} ${hits === 1 ? 'hit' : 'hits'}`] as const]
  })
  const form = { to: 'page', id: 'take-back', title: 'Take back the hits of an hour', hidden }
  const button = 'Take them back'
  return choices.length === 0
    ? { ...form, button, fields: [], about: 'It had no hits in the last 24 hours.' }
    : { ...form, button, fields: [{ name: 'hour', label: 'Hour', choices }, REASON] }
}
