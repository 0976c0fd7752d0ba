import type { OwnerKey, Session } from '../../../admin.ts'
import { fill } from '../../site/html.ts'
import type { Context } from './context.ts'
import { buttonForm, formHtml, REASON } from './form.ts'
import type { View } from './frame.ts'
import { type Column, isolated, table } from './html.ts'

const SESSION_COLUMNS: readonly Column[] = [
  { name: 'Browser', kind: 'row' },
  { name: 'Signed in', kind: 'number' },
  { name: 'Last seen', kind: 'number' },
  { name: 'End', kind: 'act' },
]
const KEY_COLUMNS: readonly Column[] = [
  { name: 'Name', kind: 'row' },
  { name: 'Pages' },
  { name: 'Made', kind: 'number' },
  { name: 'Last used', kind: 'number' },
  { name: 'Revoke', kind: 'act' },
]

/** `/admin/access`: who may do something: sessions, links to sign in, and the keys of owners. */
export async function accessView(context: Context): Promise<View> {
  const { parts, request } = context
  const { admin } = parts.store
  const [sessions, keys] = await Promise.all([admin.sessions(parts.now()), admin.keys()])
  const own = request.operator?.session?.id
  const shown = new Set([keys.length > 0 ? 'keys' : 'nokeys'])
  if (sessions.length > 1) shown.add('many')
  const main = fill(parts.templates.access, shown, {
    sessions: table(
      'Sessions',
      SESSION_COLUMNS,
      sessions.map((each) => sessionRow(context, each, own)),
    ),
    all: buttonForm(context, 'sessions', { all: 'yes' }, 'End all sessions'),
    link: formHtml(context, {
      to: 'links',
      id: 'link',
      hidden: {},
      fields: [
        {
          name: 'host',
          label: 'Host name',
          kind: 'address',
          placeholder: 'e.g. hits.example.org',
          hint: `Empty means this one: ${isolated(request.host)}.`,
        },
      ],
      button: 'Make a link',
    }),
    keys: table(
      'Keys',
      KEY_COLUMNS,
      keys.map((key) => keyRow(context, key)),
    ),
    key: formHtml(context, {
      to: 'keys',
      id: 'key',
      hidden: { action: 'make' },
      fields: [
        {
          name: 'name',
          label: 'Name',
          isRequired: true,
          placeholder: 'e.g. docs',
          hint: 'It says in the audit log whose key it is.',
        },
        {
          name: 'prefix',
          label: 'Page, with all below it',
          kind: 'address',
          isRequired: true,
          placeholder: 'e.g. github.com/me/',
        },
        REASON,
      ],
      button: 'Make a key',
    }),
  })
  return { title: 'Access', main }
}

function sessionRow(
  context: Context,
  { id, at, seenAt, browser }: Session,
  own: number | undefined,
): string[] {
  const mark = id === own ? ' <b class="mark">this browser</b>' : ''
  const which = `session ${id}, ${browser}`
  return [
    `${isolated(browser)}${mark} <span class="hint">session ${id}</span>`,
    context.clock.minute(at),
    context.clock.minute(seenAt),
    buttonForm(context, 'sessions', { id: String(id) }, 'End', which),
  ]
}

function keyRow(context: Context, { id, name, prefix, at, usedAt, revokedAt }: OwnerKey): string[] {
  const { clock } = context
  const revoke = () =>
    buttonForm(context, 'keys', { action: 'revoke', id: String(id) }, 'Revoke', `the key ${name}`)
  return [
    isolated(name),
    `<span class="key">${isolated(prefix)}</span>`,
    clock.minute(at),
    usedAt === null ? 'never' : clock.minute(usedAt),
    revokedAt === null ? revoke() : `<span class="hint">revoked ${clock.minute(revokedAt)}</span>`,
  ]
}
