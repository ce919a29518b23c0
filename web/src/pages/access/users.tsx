import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { usersQuery } from '../../api/queries.ts';
import type { GrantInput, Link, User, UserAdded } from '../../api/schema.ts';
import { Copy } from '../../components/copy.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Ago } from '../../components/moment.tsx';
import { NameField } from '../../components/name-field.tsx';
import { Note, ProblemNote } from '../../components/problem.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { say } from '../../components/said.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { Chip } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { GrantFields, useGrantText } from './grants.tsx';

type Opened =
  | { readonly kind: 'invite' }
  | { readonly kind: 'link'; readonly name: string; readonly link: string }
  | { readonly kind: 'grants' | 'new-link' | 'disable' | 'enable' | 'remove'; readonly user: User };

export function Users() {
  const { t } = useText();
  const users = useQuery(usersQuery);
  const [opened, setOpened] = useState<Opened | null>(null);
  const close = (): void => setOpened(null);
  const showLink = (name: string, link: string): void => setOpened({ kind: 'link', name, link });
  return (
    <section className="card" aria-labelledby="users">
      <div className="card-head">
        <h2 id="users">{t('users.title')}</h2>
        <button type="button" className="button first" onClick={() => setOpened({ kind: 'invite' })}>
          {t('users.invite')}
        </button>
      </div>
      {users.error ? <ProblemNote error={users.error} /> : null}
      {users.data ? <Table users={users.data.users} onOpen={setOpened} /> : null}
      {opened?.kind === 'invite' ? <Invite onClose={close} onInvited={({ user, link }) => showLink(user.name, link)} /> : null}
      {opened?.kind === 'link' ? (
        <Dialog title={t('users.link.title', { name: opened.name })} onClose={close}>
          <Note tone="warn" icon="warn" title={t('shown-once')}>
            <p>{t('users.link.more')}</p>
          </Note>
          <Copy text={opened.link} label={t('users.link')} />
        </Dialog>
      ) : null}
      {opened?.kind === 'grants' ? <ChangeGrants user={opened.user} onClose={close} /> : null}
      {opened !== null && 'user' in opened && opened.kind !== 'grants' ? (
        <Change kind={opened.kind} user={opened.user} onClose={close} onLink={showLink} />
      ) : null}
    </section>
  );
}

function Table({ users, onOpen }: { users: readonly User[]; onOpen: (opened: Opened) => void }) {
  const { t } = useText();
  const grantText = useGrantText();
  const { name: self } = useSession();
  return (
    <Scroll label={t('users.table')}>
      <table className="cards">
        <TableHead columns={[t('sign-in.name'), t('grants.title'), t('users.last'), t('history.outcome'), t('users.change')]} />
        <tbody>
          {users.map((user) => (
            <tr key={user.name}>
              <th scope="row">{user.name}</th>
              <td data-label={t('grants.title')}>{grantText(user.grants)}</td>
              <td className="nowrap" data-label={t('users.last')}>
                {user.lastSignInMs === null ? t('users.never') : <Ago atMs={user.lastSignInMs} />}
              </td>
              <td data-label={t('history.outcome')}>
                {user.disabled ? (
                  <Chip tone="quiet" icon="cross">
                    {t('users.disabled')}
                  </Chip>
                ) : user.hasPassword || user.oidc ? (
                  <Chip tone="ok" icon="check">
                    {t('users.active')}
                  </Chip>
                ) : (
                  <Chip tone="warn" icon="clock">
                    {t('users.invited')}
                  </Chip>
                )}
              </td>
              <td>
                <div className="row">
                  {(['grants', 'new-link', user.disabled ? 'enable' : 'disable', 'remove'] as const).map((kind) =>
                    // Nobody should lock themselves out by a slip; the server has the last word on the last admin.
                    user.name === self && (kind === 'disable' || kind === 'remove') ? null : (
                      <button
                        key={kind}
                        type="button"
                        className="button small"
                        aria-label={`${t(`users.${kind}`)}: ${user.name}`}
                        onClick={() => onOpen({ kind, user })}
                      >
                        {t(`users.${kind}`)}
                      </button>
                    ),
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Invite({ onClose, onInvited }: { onClose: () => void; onInvited: (added: UserAdded) => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [grants, setGrants] = useState<readonly GrantInput[]>([{ role: 'viewer', services: '*' }]);
  const invite = useMutation({
    mutationFn: () => ask<UserAdded>(pathOf(['users']), { method: 'POST', body: { name: name.trim(), grants } }),
    onSuccess: async (added) => {
      await client.invalidateQueries({ queryKey: ['users'] });
      onInvited(added);
    },
  });
  return (
    <DialogForm
      title={t('users.invite')}
      go={t('users.invite.go')}
      isBusy={invite.isPending}
      error={invite.error}
      onGo={() => invite.mutate()}
      onClose={onClose}
    >
      <NameField label={t('sign-in.name')} hint={t('welcome.name.hint')} value={name} onChange={setName} />
      <GrantFields grants={grants} onChange={setGrants} />
    </DialogForm>
  );
}

function ChangeGrants({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const [grants, setGrants] = useState<readonly GrantInput[]>(user.grants);
  const change = useMutation({
    mutationFn: () => ask<User>(pathOf(['users', user.name]), { method: 'PATCH', body: { grants } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['users'] });
      say(t('users.changed', { name: user.name }));
      onClose();
    },
  });
  return (
    <DialogForm
      title={`${t('users.grants')}: ${user.name}`}
      go={t('users.save')}
      isBusy={change.isPending}
      error={change.error}
      onGo={() => change.mutate()}
      onClose={onClose}
    >
      <GrantFields grants={grants} onChange={setGrants} />
    </DialogForm>
  );
}

function Change({
  kind,
  user,
  onClose,
  onLink,
}: {
  kind: 'new-link' | 'disable' | 'enable' | 'remove';
  user: User;
  onClose: () => void;
  onLink: (name: string, link: string) => void;
}) {
  const { t } = useText();
  const client = useQueryClient();
  const path = pathOf(['users', user.name]);
  const change = useMutation({
    mutationFn: async (why: string): Promise<string | null> => {
      if (kind === 'new-link')
        return (await ask<Link>(pathOf(['users', user.name, 'link']), { method: 'POST', body: { why } })).link;
      if (kind === 'remove') await ask(pathOf(['users', user.name], { why }), { method: 'DELETE' });
      else await ask(path, { method: 'PATCH', body: { disabled: kind === 'disable', why } });
      return null;
    },
    onSuccess: async (link) => {
      await client.invalidateQueries({ queryKey: ['users'] });
      if (link !== null) return onLink(user.name, link);
      say(t('users.changed', { name: user.name }));
      onClose();
    },
  });
  return (
    <ReasonDialog
      title={t(`users.${kind}.title`, { name: user.name })}
      explanation={t(`users.${kind}.does`)}
      go={t(`users.${kind}`)}
      isDanger={kind === 'remove' || kind === 'disable'}
      isRequired={false}
      isBusy={change.isPending}
      error={change.error}
      onGo={(why) => change.mutate(why)}
      onClose={onClose}
    />
  );
}
