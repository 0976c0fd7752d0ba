import type { OwnerKey, Session } from '../../../admin.ts'
import { fill } from '../../site/html.ts'
import { buttonForm, formHtml, REASON } from './form.ts'
import type { Context, View } from './frame.ts'
import { type Columns, isolated, table } from './html.ts'

const SESSIONS: Columns = {
  Browser: 'row',
  'Signed in': 'number',
  'Last seen': 'number',
  End: 'act',
}
const KEYS: Columns = {
  ...{ Name: 'row', Pages: 'text' },
  ...{ Made: 'number', 'Last used': 'number', Revoke: 'act' },
}

/** `/admin/access`: who may do something: sessions, links to sign in, and the keys of owners. */
export async function accessView(context: Context): Promise<View> {
  const { parts, request } = context
  const { admin } = parts.store
  const [sessions, keys] = await Promise.all([admin.sessions(parts.now()), admin.keys()])
  const shown = new Set([keys.length > 0 ? 'keys' : 'nokeys'])
  if (sessions.length > 1) shown.add('many')
  const main = fill(parts.templates.access, shown, {
    sessions: table(
      'Sessions',
      SESSIONS,
      sessions.map((session) => sessionRow(context, session)),
    ),
    others: formHtml(context, {
      ...{ to: 'sessions', id: 'others', hidden: { action: 'end-others' }, fields: [] },
      ...{ button: 'End all others', isPrimary: true },
    }),
    all: formHtml(context, {
      ...{ to: 'sessions', id: 'all', hidden: { action: 'end-all' }, fields: [] },
      button: 'End all, also this one',
    }),
    link: formHtml(context, {
      to: 'links',
      id: 'link',
      hidden: {},
      fields: [
        {
          ...{ name: 'host', label: 'Host name', kind: 'address' },
          placeholder: 'e.g. hits.example.org',
          hint: `Empty means this one: ${isolated(request.host)}.`,
        },
      ],
      button: 'Make a link',
    }),
    keys: table(
      'Keys',
      KEYS,
      keys.map((key) => keyRow(context, key)),
    ),
    key: formHtml(context, {
      to: 'keys',
      id: 'key',
      hidden: { action: 'make' },
      fields: [
        {
          ...{ name: 'name', label: 'Name', isRequired: true, placeholder: 'e.g. docs' },
          hint: 'It says in the audit log whose key it is.',
        },
        {
          ...{ name: 'prefix', label: 'Page, with all below it', kind: 'address' },
          ...{ isRequired: true, placeholder: 'e.g. github.com/me/' },
        },
        REASON,
      ],
      button: 'Make a key',
    }),
  })
  return { title: 'Access', main }
}

function sessionRow(context: Context, { id, at, seenAt, browser }: Session): string[] {
  const { clock, request } = context
  const isOwn = id === request.operator?.session?.id
  const mark = isOwn ? ' <b class="mark">this browser</b>' : ''
  return [
    `${isolated(browser)}${mark} <span class="hint">session ${id}</span>`,
    clock.minute(at),
    clock.minute(seenAt),
    buttonForm(
      context,
      'sessions',
      { action: 'end', id: String(id) },
      'End',
      `session ${id}, ${browser}`,
    ),
  ]
}

function keyRow(context: Context, { id, name, prefix, at, usedAt, revokedAt }: OwnerKey): string[] {
  const { clock } = context
  const hidden = { action: 'revoke', id: String(id) }
  return [
    `${isolated(name)} <span class="hint">key ${id}</span>`,
    `<span class="key">${isolated(prefix)}</span>`,
    clock.minute(at),
    usedAt === null ? 'never' : clock.minute(usedAt),
    revokedAt === null
      ? buttonForm(context, 'keys', hidden, 'Revoke', `the key ${name}`, true)
      : `<span class="hint">revoked ${clock.minute(revokedAt)}</span>`,
  ]
}
