import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { isFinal } from '../../api/client.ts';
import { may } from '../../api/may.ts';
import { runbooksQuery } from '../../api/queries.ts';
import type { Incident, IncidentRunbook } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { Icon, type IconName } from '../../components/icon.tsx';
import { isOver } from '../../components/incident-states.tsx';
import { useNow } from '../../components/moment.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';

type Step = IncidentRunbook['steps'][number];
type Outcome = NonNullable<Step['outcome']>;

const textMax = 1_000;

/** Its runbooks: what has run by itself with its output, what people have to do, and until when. */
export function Runbooks({ incident }: { incident: Incident }) {
  const runbooks = useQuery(runbooksQuery(incident.id));
  // Those of an incident that ended long ago are only in its timeline.
  if (isFinal(runbooks.error)) return null;
  if (runbooks.error)
    return (
      <section className="card">
        <ProblemNote error={runbooks.error} />
      </section>
    );
  return runbooks.data?.runbooks.map((runbook) => (
    <section key={runbook.name} className="card stack" aria-labelledby={`runbook-${runbook.name}`}>
      <h2 id={`runbook-${runbook.name}`}>{runbook.title}</h2>
      <ol className="stack">
        {runbook.steps.map((step) => (
          <StepItem key={step.number} incident={incident} runbook={runbook.name} step={step} />
        ))}
      </ol>
    </section>
  ));
}

const looks: Readonly<Record<Outcome['state'], readonly [Tone, IconName]>> = {
  told: ['info', 'eye'],
  failed: ['warn', 'blind'],
  done: ['ok', 'check'],
};

function StepItem({ incident, runbook, step }: { incident: Incident; runbook: string; step: Step }) {
  const { t, f } = useText();
  const mayAct = may(useSession(), 'steer', incident.service) && !isOver(incident.state);
  const { number, title, text, does, outcome } = step;
  return (
    <li className="runbook-step stack tight">
      <div className="row">
        <h3>{t('runbook.step', { number: String(number), title })}</h3>
        {outcome === null ? (
          <Chip tone={does === 'person' ? 'warn' : 'info'} icon="clock">
            {t(does === 'person' ? 'runbook.waits' : 'runbook.runs')}
          </Chip>
        ) : (
          <Chip tone={looks[outcome.state][0]} icon={looks[outcome.state][1]}>
            {t(`runbook.${outcome.state}`)}
          </Chip>
        )}
        {outcome === null && !isOver(incident.state) ? <Due dueAtMs={step.dueAtMs} /> : null}
        {mayAct ? <StepButton id={incident.id} runbook={runbook} step={step} /> : null}
      </div>
      {text === null ? null : <p className="muted">{text}</p>}
      {outcome === null ? null : (
        <>
          {outcome.said === '' ? null : <p>{outcome.said}</p>}
          {outcome.lines.length === 0 ? null : (
            <details className="fold small">
              <summary>{t('runbook.output', { n: outcome.lines.length })}</summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
              <pre className="log" tabIndex={0}>
                {outcome.lines.join('\n')}
              </pre>
            </details>
          )}
          <p className="muted small">
            {t('runbook.by', { name: outcome.by, time: f.time(outcome.atMs) })}
            {outcome.tookMs > 0 ? ` · ${t('runbook.took', { time: f.duration(outcome.tookMs) })}` : ''}
          </p>
        </>
      )}
    </li>
  );
}

/** How much of the budget of its time is left. */
function Due({ dueAtMs }: { dueAtMs: number }) {
  const { t, f } = useText();
  const leftMs = dueAtMs - useNow();
  return leftMs >= 0 ? (
    <span className="muted small">{t('runbook.due', { time: f.duration(leftMs) })}</span>
  ) : (
    <span className="strong small ink-bad">{t('runbook.late', { time: f.duration(-leftMs) })}</span>
  );
}

function StepButton({ id, runbook, step: { number, title, does, outcome } }: { id: string; runbook: string; step: Step }) {
  const { t } = useText();
  const [isMarking, setMarking] = useState(false);
  const [text, setText] = useState('');
  const to = { under: ['incidents', id, 'runbooks', runbook, 'steps', String(number)], queryKey: ['incident', id] };
  const mark = useDeed(to, t('runbook.marked'), { onDone: () => setMarking(false) });
  const again = useDeed(to, t('runbook.ran'));
  const isPerson = does === 'person';
  if (isPerson && outcome !== null) return null;
  const what = t(isPerson ? 'runbook.mark' : 'runbook.again');
  return (
    <>
      <button
        type="button"
        className="button small runbook-button"
        aria-label={t('runbook.of', { what, title })}
        disabled={again.isPending}
        onClick={() => (isPerson ? setMarking(true) : again.mutate({ method: 'POST', path: ['run'], body: {} }))}
      >
        <Icon name={isPerson ? 'check' : 'retry'} />
        {what}
      </button>
      {again.error ? <ProblemNote error={again.error} /> : null}
      {isMarking ? (
        <DialogForm
          title={t('runbook.mark.title')}
          go={t('runbook.mark')}
          isBusy={mark.isPending}
          error={mark.error}
          onGo={() => mark.mutate({ method: 'POST', path: ['done'], body: { text: text.trim() } })}
          onClose={() => setMarking(false)}
        >
          <p>{title}</p>
          <Field label={t('runbook.mark.text')}>
            {(ids) => (
              <input {...ids} data-first maxLength={textMax} value={text} onChange={({ target }) => setText(target.value)} />
            )}
          </Field>
        </DialogForm>
      ) : null}
    </>
  );
}
