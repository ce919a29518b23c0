import { useState } from 'react';
import { may } from '../../api/may.ts';
import type { Incident } from '../../api/schema.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { Icon, type IconName } from '../../components/icon.tsx';
import { isOver, type Severity, severities } from '../../components/incident-states.tsx';
import { useKeys } from '../../components/keys.tsx';
import { localMinute } from '../../components/local-minute.ts';
import { MomentField } from '../../components/moment-field.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { type AskedVerb, useIncidentVerb } from '../../components/use-incident-verb.ts';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';

type Verb = Exclude<AskedVerb['verb'], 'note'>;

const icons: Readonly<Record<Verb, IconName>> = {
  acknowledge: 'user',
  mitigate: 'eye',
  resolve: 'check',
  reopen: 'retry',
  severity: 'warn',
  started: 'clock',
};

/** What can be done in each state, first what is most likely next. */
const possible: Readonly<Record<Incident['state'], readonly Verb[]>> = {
  open: ['acknowledge', 'mitigate', 'resolve', 'severity', 'started'],
  acknowledged: ['mitigate', 'resolve', 'acknowledge', 'severity', 'started'],
  mitigated: ['resolve', 'acknowledge', 'reopen', 'severity', 'started'],
  resolved: ['reopen', 'started'],
  reviewed: [],
};

/** How long somebody may take it for, in the words of the API; the first one is what they get when they say nothing. */
const spans = ['30m', '1h', '2h', '4h', '8h'] as const;
const hourMs = 3_600_000;
const spanMs: Readonly<Record<(typeof spans)[number], number>> = {
  '30m': hourMs / 2,
  '1h': hourMs,
  '2h': 2 * hourMs,
  '4h': 4 * hourMs,
  '8h': 8 * hourMs,
};

/** What whoever may steer the service can do to the incident; each asks why. */
export function IncidentVerbs({ incident }: { incident: Incident }) {
  const { t } = useText();
  const session = useSession();
  const [asked, setAsked] = useState<Verb | null>(null);
  const { state, service } = incident;
  const verbs = may(session, 'steer', service) ? possible[state] : [];
  useKeys(
    verbs.includes('acknowledge') ? [{ keys: 'k', label: t('incident.acknowledge'), run: () => setAsked('acknowledge') }] : [],
  );
  if (verbs.length === 0 && asked === null) return null;
  return (
    <div className="row">
      {verbs.map((verb, index) => (
        <button
          key={verb}
          type="button"
          className={`button${index === 0 && !isOver(state) ? ' first' : ''}`}
          onClick={() => setAsked(verb)}
        >
          <Icon name={icons[verb]} />
          {t(`incident.${verb}`)}
        </button>
      ))}
      {asked === null ? null : <VerbDialog incident={incident} verb={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

function VerbDialog({ incident, verb, onClose }: { incident: Incident; verb: Verb; onClose: () => void }) {
  const { t, f } = useText();
  const [why, setWhy] = useState('');
  const [span, setSpan] = useState<(typeof spans)[number]>('30m');
  const [severity, setSeverity] = useState<Severity>(incident.severity);
  const [started, setStarted] = useState(localMinute(incident.startedAtMs));
  const send = useIncidentVerb(incident.id, onClose);
  const go = (): void => {
    const reason = { why: why.trim() };
    if (verb === 'acknowledge') send.mutate({ verb, for: span, ...reason });
    else if (verb === 'severity') send.mutate({ verb, severity, ...reason });
    else if (verb === 'started') send.mutate({ verb, startedAtMs: Date.parse(started), ...reason });
    else send.mutate({ verb, ...reason });
  };
  const isReasonNeeded = verb === 'severity' || verb === 'started';
  const stillFires = verb === 'resolve' && incident.firing > 0;
  return (
    <DialogForm
      title={t(`incident.${verb}.title`, { name: incident.title })}
      go={t(`incident.${verb}`)}
      isBusy={send.isPending}
      error={send.error}
      onGo={go}
      onClose={onClose}
    >
      <p>
        {verb === 'started' ? t('incident.started.does', { time: f.moment(incident.openedAtMs) }) : t(`incident.${verb}.does`)}
      </p>
      {stillFires ? <p className="strong ink-warn">{t('incident.resolve.fires', { n: incident.firing })}</p> : null}
      {verb === 'acknowledge' ? (
        <Field label={t('incident.for')} hint={t('incident.for.hint')}>
          {(ids) => (
            <select {...ids} value={span} onChange={({ target }) => setSpan(target.value as typeof span)}>
              {spans.map((one) => (
                <option key={one} value={one}>
                  {f.duration(spanMs[one])}
                </option>
              ))}
            </select>
          )}
        </Field>
      ) : null}
      {verb === 'severity' ? (
        <Field label={t('incidents.severity')}>
          {(ids) => (
            <select {...ids} value={severity} onChange={({ target }) => setSeverity(target.value as Severity)}>
              {severities.map((one) => (
                <option key={one} value={one}>
                  {t(`severity.${one}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
      ) : null}
      {verb === 'started' ? (
        <MomentField label={t('incident.started.at')} value={started} onChange={setStarted} saysZone isFirst />
      ) : null}
      <ReasonField value={why} onChange={setWhy} isRequired={isReasonNeeded} isFirst={!isReasonNeeded} />
    </DialogForm>
  );
}
