import { useState } from 'react';
import { may } from '../../api/may.ts';
import type { StatusBoard, StatusMaintenance } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { textIn } from '../../components/text-in.ts';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { AnnounceDialog, MoveDialog } from './maintenance-dialog.tsx';

const looks: Readonly<Record<StatusMaintenance['state'], readonly [Tone, IconName]>> = {
  scheduled: ['info', 'eye'],
  in_progress: ['info', 'gear'],
  completed: ['ok', 'check'],
  cancelled: ['quiet', 'stop'],
};
/** Those that are over are shown as a few. */
const overMax = 5;

/** Maintenance that customers are told of, and that is no planned release. */
export function Maintenances({ board }: { board: StatusBoard }) {
  const { t } = useText();
  const mayAnnounce = may(useSession(), 'steer', null);
  const [isAsked, setAsked] = useState(false);
  const isOver = ({ state }: StatusMaintenance) => state === 'completed' || state === 'cancelled';
  const shown = [
    ...board.maintenances.filter((work) => !isOver(work)).toSorted((a, b) => a.fromMs - b.fromMs),
    ...board.maintenances.filter(isOver).slice(0, overMax),
  ];
  return (
    <section aria-labelledby="maintenances" className="stack tight">
      <div className="row">
        <h2 id="maintenances">{t('work.title')}</h2>
        {mayAnnounce ? (
          <button type="button" className="button" onClick={() => setAsked(true)}>
            {t('work.announce')}
          </button>
        ) : null}
      </div>
      {shown.length === 0 ? (
        <p className="muted">{t('work.none')}</p>
      ) : (
        <ol className="stack tight">
          {shown.map((work) => (
            <Work key={work.id} work={work} board={board} mayChange={mayAnnounce && !isOver(work)} />
          ))}
        </ol>
      )}
      {isAsked ? <AnnounceDialog board={board} onClose={() => setAsked(false)} /> : null}
    </section>
  );
}

function Work({ work, board, mayChange }: { work: StatusMaintenance; board: StatusBoard; mayChange: boolean }) {
  const { t, f, language } = useText();
  const [asked, setAsked] = useState<'move' | 'cancel' | null>(null);
  const to = { under: ['status-page', 'maintenances', work.id], queryKey: ['status-page'] };
  const end = useDeed(to, t('work.end.done'));
  const cancel = useDeed(to, t('work.cancel.done'), { onDone: () => setAsked(null) });
  const [tone, icon] = looks[work.state];
  const title = textIn(work.title, language);
  const names = board.components
    .filter(({ name }) => work.components.includes(name))
    .map((component) => textIn(component.title, language));
  const last = work.updates.at(-1);
  return (
    <li className="card stack tight">
      <div className="row">
        <Chip tone={tone} icon={icon}>
          {t(`work.state.${work.state}`)}
        </Chip>
        <h3>{title}</h3>
      </div>
      <p className="muted small">
        {f.date(work.begunAtMs ?? work.fromMs)} – {f.date(work.endedAtMs ?? work.untilMs)}
        {names.length === 0 ? null : <> · {t('post.hurts', { names: names.join(', ') })}</>}
      </p>
      {last ? <p className="post-text">{textIn(last.body, language)}</p> : null}
      {mayChange ? (
        <div className="row">
          <button
            type="button"
            className="button"
            aria-label={t('post.of', { what: t('work.move'), title })}
            onClick={() => setAsked('move')}
          >
            {t('work.move')}
          </button>
          {work.state === 'in_progress' ? (
            <button
              type="button"
              className="button"
              aria-label={t('post.of', { what: t('work.end'), title })}
              disabled={end.isPending}
              onClick={() => end.mutate({ method: 'POST', path: ['end'], body: {} })}
            >
              <Icon name="check" />
              {t('work.end')}
            </button>
          ) : (
            <button
              type="button"
              className="button"
              aria-label={t('post.of', { what: t('work.cancel'), title })}
              onClick={() => setAsked('cancel')}
            >
              {t('work.cancel')}
            </button>
          )}
        </div>
      ) : null}
      {end.error ? <ProblemNote error={end.error} /> : null}
      {asked === 'move' ? <MoveDialog work={work} onClose={() => setAsked(null)} /> : null}
      {asked === 'cancel' ? (
        <ReasonDialog
          title={t('work.cancel.title')}
          explanation={t('work.cancel.does')}
          go={t('work.cancel')}
          isDanger={false}
          isRequired={false}
          isBusy={cancel.isPending}
          error={cancel.error}
          onGo={(why) => cancel.mutate({ method: 'POST', path: ['cancel'], body: { why } })}
          onClose={() => setAsked(null)}
        />
      ) : null}
    </li>
  );
}
