import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { serverNow } from '../../api/clock.ts';
import { explanationQuery } from '../../api/queries.ts';
import type { AlertExplanation, ExplainedNode, Incident, IncidentAlert } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import type { IconName } from '../../components/icon.tsx';
import { localMinute, minuteMs } from '../../components/local-minute.ts';
import { MessageChip } from '../../components/message-table.tsx';
import { MomentField } from '../../components/moment-field.tsx';
import { Opener } from '../../components/opener.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useText } from '../../text.tsx';

type Alert = Pick<IncidentAlert, 'id' | 'name' | 'firedAtMs'>;

/** Says who was told of an alert, who was not, and why. */
export function ExplainButton({ alert, incident }: { alert: Alert; incident: Incident }) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Opener
        label={t('explain.open')}
        name={t('post.of', { what: t('explain.open'), title: alert.name })}
        onOpen={() => setOpen(true)}
      />
      {isOpen ? (
        <Dialog title={t('explain.title', { name: alert.name })} className="drawer" onClose={() => setOpen(false)}>
          <Explained alert={alert} incident={incident} />
        </Dialog>
      ) : null}
    </>
  );
}

/** `null`: now; `other`: one that a person names. */
type Moment = number | null | 'other';

function Explained({ alert: { id, firedAtMs }, incident }: { alert: Alert; incident: Incident }) {
  const { t, f } = useText();
  const [moment, setMoment] = useState<Moment>(null);
  const [other, setOther] = useState(() => localMinute(serverNow()));
  // A minute is meant to its end: what has happened in it belongs to it.
  const otherMs = Math.min(new Date(other).getTime() + minuteMs - 1, Math.floor(serverNow()));
  const atMs = moment === 'other' ? otherMs : moment;
  const explanation = useQuery(explanationQuery(id, Number.isNaN(atMs) ? null : atMs));
  const known: readonly (readonly [string, number | null])[] = [
    [t('explain.fired'), firedAtMs],
    [t('clock.told'), incident.toldAtMs],
    [t('clock.acknowledged'), incident.acknowledgedAtMs],
    [t('clock.ended'), incident.resolvedAtMs],
  ];
  return (
    <div className="stack">
      <div className="form-line">
        <Field label={t('explain.moment')}>
          {(ids) => (
            <select
              {...ids}
              data-first
              value={moment ?? 'now'}
              onChange={({ target: { value } }) =>
                setMoment(value === 'now' ? null : value === 'other' ? 'other' : Number(value))
              }
            >
              <option value="now">{t('explain.now')}</option>
              {known.map(([name, ms]) =>
                ms === null || ms < firedAtMs ? null : (
                  <option key={name} value={ms}>
                    {name}: {f.moment(ms)}
                  </option>
                ),
              )}
              <option value="other">{t('explain.other')}</option>
            </select>
          )}
        </Field>
        {moment === 'other' ? <MomentField label={t('explain.at')} value={other} onChange={setOther} saysZone /> : null}
      </div>
      {explanation.isPending ? <Pending /> : null}
      {explanation.error ? <ProblemNote error={explanation.error} /> : null}
      {explanation.data && !explanation.error ? <Answer of={explanation.data} /> : null}
    </div>
  );
}

const stateOf = { queued: 'waiting', delivered: 'delivered', refused: 'refused', cancelled: 'cancelled' } as const;

function Answer({ of: { messages, messageCount, nodes, atMs } }: { of: AlertExplanation }) {
  const { t, f } = useText();
  return (
    <div className="stack explained">
      <p className="muted small" role="status">
        {t('explain.as-of', { time: f.moment(atMs) })}
      </p>
      <section className="stack tight" aria-labelledby="explain-record">
        <h3 id="explain-record">{t('explain.record')}</h3>
        {messages.length === 0 ? <p className="muted">{t('told.none')}</p> : null}
        <ol className="stack tight">
          {messages.map(({ key, notifier, person, step, state, said, atMs: queuedAtMs, endedAtMs }) => (
            <li key={`${notifier} ${key}`}>
              <p className="row">
                <span className="strong">{person === null ? notifier : `${person} (${notifier})`}</span>
                <MessageChip state={stateOf[state]} />
                <span>{said}</span>
              </p>
              <p className="muted small">
                {t(step === null ? 'explain.by-routing' : 'explain.by-step', { number: String((step ?? 0) + 1) })} ·{' '}
                {f.moment(queuedAtMs)}
                {endedAtMs === null ? null : ` · ${t('clock.after', { time: f.duration(endedAtMs - queuedAtMs) })}`}
              </p>
            </li>
          ))}
        </ol>
        {messageCount > messages.length ? (
          <p className="muted small">{t('explain.kept', { n: messages.length, all: messageCount })}</p>
        ) : null}
      </section>
      <section className="stack tight" aria-labelledby="explain-rules">
        <h3 id="explain-rules">{t('explain.rules')}</h3>
        {nodes.length === 0 ? <p className="muted">{t('explain.rules.none')}</p> : null}
        <ol className="stack">
          {nodes.map((node) => (
            <Node key={node.group} node={node} />
          ))}
        </ol>
      </section>
    </div>
  );
}

const standings: Readonly<Record<ExplainedNode['standing']['kind'], readonly [Tone, IconName]>> = {
  'to-come': ['info', 'clock'],
  over: ['quiet', 'check'],
  'by-policy': ['info', 'check'],
  still: ['warn', 'mute'],
  grouped: ['info', 'clock'],
  'news-waits': ['info', 'clock'],
  'repeat-not-due': ['ok', 'check'],
};

/** What becomes of it at one node of the routing tree. */
function Node({ node: { place, policy, notifiers, standing, nextMs, said } }: { node: ExplainedNode }) {
  const { t, f } = useText();
  const receivers = [...(policy === null ? [] : [t('explain.policy', { name: policy })]), ...notifiers];
  return (
    <li className="stack tight">
      <p className="row">
        <code>{place}</code>
        <span className="strong">{receivers.length === 0 ? t('explain.nobody') : receivers.join(', ')}</span>
      </p>
      <p className="row">
        <Chip tone={standings[standing.kind][0]} icon={standings[standing.kind][1]}>
          {t(`explain.${standing.kind}`)}
        </Chip>
        <span>{standing.said}</span>
      </p>
      {nextMs === null ? null : <p className="small">{t('explain.next', { time: f.moment(nextMs) })}</p>}
      <details className="fold small">
        <summary>{t('explain.why')}</summary>
        <ul className="stack tight">
          {said.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </details>
    </li>
  );
}
