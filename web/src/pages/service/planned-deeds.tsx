import { type ReactNode, useState } from 'react';
import { may } from '../../api/may.ts';
import type { PlannedEntry, PlannedRelease } from '../../api/schema.ts';
import { Opener } from '../../components/opener.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { CancelDialog, MoveDialog, RunDialog, SkipDialog } from './planned-dialogs.tsx';
import { isOver, type Right, rightToRun, rightToSkip } from './planned-rights.ts';

/** What the viewer may do with a planned release as a whole. */
export function PlannedDeeds({ planned }: { planned: PlannedRelease }) {
  const { t } = useText();
  const session = useSession();
  const [opened, setOpened] = useState<'move' | 'cancel' | null>(null);
  const { service, version, state } = planned;
  const mayMove = state !== 'started' && may(session, 'release', service);
  const mayCancel = may(session, 'abort', service);
  if (isOver(planned) || (!mayMove && !mayCancel)) return null;
  const close = (): void => setOpened(null);
  return (
    <div className="row">
      {mayMove ? (
        <Opener label={t('planned.move')} name={t('planned.move.of', { version })} onOpen={() => setOpened('move')} />
      ) : null}
      {mayCancel ? (
        <Opener label={t('planned.cancel')} name={t('planned.cancel.of', { version })} onOpen={() => setOpened('cancel')} />
      ) : null}
      {opened === 'move' ? <MoveDialog planned={planned} onClose={close} /> : null}
      {opened === 'cancel' ? <CancelDialog planned={planned} onClose={close} /> : null}
    </div>
  );
}

/** What the viewer may do with each entry of a planned release; null: with none of them anything. */
export function useEntryDeeds(planned: PlannedRelease): ((entry: PlannedEntry) => ReactNode) | null {
  const session = useSession();
  const granted = (right: Right | null): Right | null =>
    right !== null && may(session, right.permission, planned.service) ? right : null;
  const rights = planned.entries.map((entry) => ({
    id: entry.id,
    run: granted(rightToRun(planned, entry)),
    skip: granted(rightToSkip(planned, entry)),
  }));
  if (rights.every(({ run, skip }) => run === null && skip === null)) return null;
  return (entry) => {
    const { run = null, skip = null } = rights.find(({ id }) => id === entry.id) ?? {};
    return <EntryDeeds planned={planned} entry={entry} run={run} skip={skip} />;
  };
}

function EntryDeeds({
  planned,
  entry,
  run,
  skip,
}: {
  planned: PlannedRelease;
  entry: PlannedEntry;
  run: Right | null;
  skip: Right | null;
}) {
  const { t } = useText();
  const [opened, setOpened] = useState<'run' | 'skip' | null>(null);
  const about = { planned, entry, onClose: () => setOpened(null) };
  return (
    <div className="row">
      {run ? (
        <Opener label={t('planned.run')} name={t('planned.run.of', { entry: entry.title })} onOpen={() => setOpened('run')} />
      ) : null}
      {skip ? (
        <Opener label={t('planned.skip')} name={t('planned.skip.of', { entry: entry.title })} onOpen={() => setOpened('skip')} />
      ) : null}
      {opened === 'run' && run ? <RunDialog {...about} right={run} /> : null}
      {opened === 'skip' && skip ? <SkipDialog {...about} right={skip} /> : null}
    </div>
  );
}
