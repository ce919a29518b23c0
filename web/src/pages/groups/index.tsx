import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { useIntent } from '../../api/intent.ts';
import { may } from '../../api/may.ts';
import { groupsQuery } from '../../api/queries.ts';
import type { Group, GroupMember, GroupRelease, VerbResult } from '../../api/schema.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { Ago } from '../../components/moment.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { say } from '../../components/said.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';

/** Every group of services that are released together: where each member is, and one button that takes all of them back. */
export function GroupsPage() {
  const { t } = useText();
  const groups = useQuery(groupsQuery);
  return (
    <div className="page">
      <PageTitle of={t('groups.title')} />
      <div className="page-head">
        <h1>{t('groups.title')}</h1>
      </div>
      {groups.error ? <ProblemNote error={groups.error} /> : null}
      {groups.isPending ? <Pending /> : null}
      {groups.data?.groups.length === 0 ? <p className="card muted">{t('groups.none')}</p> : null}
      <div className="stack">
        {groups.data?.groups.map((group) => (
          <GroupCard key={group.name} group={group} />
        ))}
      </div>
    </div>
  );
}

function GroupCard({ group: { name, live, ended } }: { group: Group }) {
  const { t } = useText();
  const session = useSession();
  const [isAborting, setAborting] = useState(false);
  const release = live ?? ended[0];
  if (!release) return null;
  const mayAbort = live !== null && release.members.every(({ service }) => may(session, 'abort', service));
  return (
    <section className="card" aria-labelledby={`group-${name}`}>
      <div className="card-head">
        <h2 id={`group-${name}`} className="row">
          {name} <StateChip state={release.state} />
        </h2>
        {mayAbort && release.state !== 'rolling-back' ? (
          <button type="button" className="button danger" onClick={() => setAborting(true)}>
            <Icon name="stop" />
            {t('verb.abort')}
          </button>
        ) : null}
      </div>
      <p className="muted">
        {t('release.by', { name: release.by })} · <Ago atMs={release.startedAtMs} />
        {release.why === '' ? null : <> · “{release.why}”</>}
      </p>
      <p>{release.doing}</p>
      <Members members={release.members} group={name} />
      {isAborting ? <Abort release={release} onClose={() => setAborting(false)} /> : null}
    </section>
  );
}

function Members({ members, group }: { members: readonly GroupMember[]; group: string }) {
  const { t } = useText();
  return (
    <Scroll label={t('groups.members', { name: group })}>
      <table className="cards">
        <TableHead columns={[t('overview.column.service'), t('column.version'), t('groups.after'), t('settings.state')]} />
        <tbody>
          {members.map(({ service, version, before, after, state, release }) => (
            <tr key={service}>
              <th scope="row">
                <Link to="/services/$name" params={{ name: service }}>
                  {service}
                </Link>
              </th>
              <td data-label={t('column.version')}>{before === null ? version : `${before} → ${version}`}</td>
              <td data-label={t('groups.after')}>{after.length === 0 ? '–' : after.join(', ')}</td>
              <td data-label={t('settings.state')}>
                {release === null ? (
                  t(`member.${state}`)
                ) : (
                  <Link to="/releases/$id" params={{ id: release }}>
                    {t(`member.${state}`)}
                  </Link>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const looks: Readonly<Record<GroupRelease['state'], readonly [Tone, IconName]>> = {
  gathering: ['info', 'play'],
  promoting: ['info', 'forward'],
  finishing: ['info', 'clock'],
  'rolling-back': ['bad', 'back'],
  succeeded: ['ok', 'check'],
  'rolled-back': ['bad', 'back'],
  'rollback-failed': ['bad', 'stop'],
};

function StateChip({ state }: { state: GroupRelease['state'] }) {
  const { t } = useText();
  const [tone, icon] = looks[state];
  return (
    <Chip tone={tone} icon={icon}>
      {state === 'gathering' || state === 'finishing' ? t(`group.${state}`) : t(`state.${state}`)}
    </Chip>
  );
}

function Abort({ release, onClose }: { release: GroupRelease; onClose: () => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const { key, failed } = useIntent();
  const send = useMutation({
    mutationFn: (why: string) =>
      ask<VerbResult>(pathOf(['groups', release.group, 'verbs']), { method: 'POST', body: { verb: 'abort', why }, key }),
    onError: failed,
    onSuccess: ({ done, said }) => {
      say(said, done);
      onClose();
      void client.invalidateQueries({ queryKey: ['groups'] });
    },
  });
  return (
    <ReasonDialog
      title={t('groups.abort.title', { name: release.group })}
      explanation={t('groups.abort.does')}
      go={t('verb.abort.go')}
      isDanger
      isRequired={false}
      isBusy={send.isPending}
      error={send.error}
      onGo={(why) => send.mutate(why)}
      onClose={onClose}
    />
  );
}
