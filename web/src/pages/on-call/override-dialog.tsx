import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { serverNow } from '../../api/clock.ts';
import { incidentSetupQuery } from '../../api/queries.ts';
import type { OnCall } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { localMinute } from '../../components/local-minute.ts';
import { MomentField } from '../../components/moment-field.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { useText } from '../../text.tsx';

const hourMs = 3_600_000;

/** A person's time, as its fields have it. */
type Time = { readonly person: string; readonly from: string; readonly until: string };

/** Somebody is on call for a time, or two people swap theirs. */
export function OverrideDialog({ schedules, onClose }: { schedules: readonly OnCall[]; onClose: () => void }) {
  const { t } = useText();
  const setup = useQuery(incidentSetupQuery).data;
  const seen = schedules.flatMap(({ shifts }) => shifts.flatMap(({ person }) => person ?? []));
  const people = [...new Set([...(setup?.people ?? []), ...seen])].sort();
  const [schedule, setSchedule] = useState(schedules[0]?.schedule ?? '');
  const [isSwap, setSwap] = useState(false);
  const [why, setWhy] = useState('');
  const [one, setOne] = useState<Time>(() => timeFrom(serverNow() + hourMs));
  const [other, setOther] = useState<Time>(() => timeFrom(serverNow() + 24 * hourMs));
  const add = useDeed({ under: ['on-call'], queryKey: ['on-call'] }, t('overrides.added'), { onDone: onClose });
  const times = (isSwap ? [one, other] : [one]).map(({ person, from, until }) => ({
    person: person === '' ? (people[0] ?? '') : person,
    fromMs: new Date(from).getTime(),
    untilMs: new Date(until).getTime(),
  }));
  const isWrong = times.some(({ fromMs, untilMs }) => !(untilMs > fromMs));
  return (
    <DialogForm
      title={t('overrides.add.title')}
      go={t('overrides.add')}
      isBusy={add.isPending}
      error={add.error}
      onGo={() => {
        if (!isWrong) add.mutate({ method: 'POST', path: ['overrides'], body: { schedule, times, why: why.trim() } });
      }}
      onClose={onClose}
    >
      <p>{t('overrides.add.does')}</p>
      <Field label={t('overrides.schedule')}>
        {(ids) => (
          <select {...ids} data-first value={schedule} onChange={({ target }) => setSchedule(target.value)}>
            {schedules.map((each) => (
              <option key={each.schedule}>{each.schedule}</option>
            ))}
          </select>
        )}
      </Field>
      <TimeFields
        labels={[t('overrides.person'), t('on-call.from'), t('on-call.to')]}
        people={people}
        time={one}
        onChange={setOne}
      />
      <label className="check">
        <input type="checkbox" checked={isSwap} onChange={({ target }) => setSwap(target.checked)} />
        {t('overrides.swap')}
      </label>
      {isSwap ? (
        <TimeFields
          labels={[t('overrides.person.other'), t('overrides.from.other'), t('overrides.to.other')]}
          people={people}
          time={other}
          onChange={setOther}
        />
      ) : null}
      {isWrong ? <p className="field-problem">{t('corrections.wrong')}</p> : null}
      <ReasonField value={why} onChange={setWhy} />
    </DialogForm>
  );
}

function TimeFields({
  labels: [who, from, until],
  people,
  time,
  onChange,
}: {
  labels: readonly [string, string, string];
  people: readonly string[];
  time: Time;
  onChange: (time: Time) => void;
}) {
  return (
    <div className="form-line">
      <Field label={who}>
        {(ids) => (
          <select {...ids} value={time.person} onChange={({ target }) => onChange({ ...time, person: target.value })}>
            {people.map((person) => (
              <option key={person}>{person}</option>
            ))}
          </select>
        )}
      </Field>
      <MomentField label={from} value={time.from} onChange={(value) => onChange({ ...time, from: value })} />
      <MomentField label={until} value={time.until} saysZone onChange={(value) => onChange({ ...time, until: value })} />
    </div>
  );
}

/** A time of eight hours, of whoever is chosen first. */
function timeFrom(atMs: number): Time {
  return { person: '', from: localMinute(atMs), until: localMinute(atMs + 8 * hourMs) };
}
