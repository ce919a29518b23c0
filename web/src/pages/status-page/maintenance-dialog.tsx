import { useState } from 'react';
import type { StatusBoard, StatusMaintenance } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { localMinute, minuteMs } from '../../components/local-minute.ts';
import { MomentField } from '../../components/moment-field.tsx';
import { textIn } from '../../components/text-in.ts';
import { languages } from '../../messages/index.ts';
import { useText } from '../../text.tsx';

const textMax = 4_000;
const hourMs = 60 * minuteMs;

type Both = { readonly en: string; readonly ru: string };

/** Announces maintenance to customers, in both languages. */
export function AnnounceDialog({ board, onClose }: { board: StatusBoard; onClose: () => void }) {
  const { t, language } = useText();
  const [title, setTitle] = useState<Both>({ en: '', ru: '' });
  const [body, setBody] = useState<Both>({ en: '', ru: '' });
  const [components, setComponents] = useState<readonly string[]>([]);
  const [time, setTime] = useState(() => {
    const atMs = Math.ceil(Date.now() / hourMs) * hourMs;
    return { from: localMinute(atMs + hourMs), until: localMinute(atMs + 2 * hourMs) };
  });
  const announce = useDeed({ under: ['status-page', 'maintenances'], queryKey: ['status-page'] }, t('work.announce.done'), {
    onDone: onClose,
  });
  return (
    <DialogForm
      title={t('work.announce.title')}
      go={t('work.announce')}
      isBusy={announce.isPending}
      error={announce.error}
      onGo={() =>
        announce.mutate({
          method: 'POST',
          path: [],
          body: { title, body, components, fromMs: Date.parse(time.from), untilMs: Date.parse(time.until) },
        })
      }
      onClose={onClose}
    >
      <p>{t('work.announce.does')}</p>
      <fieldset>
        <legend>{t('status.components')}</legend>
        {board.components.map((component) => (
          <label key={component.name} className="check">
            <input
              type="checkbox"
              checked={components.includes(component.name)}
              onChange={({ target }) =>
                setComponents(
                  target.checked ? [...components, component.name] : components.filter((name) => name !== component.name),
                )
              }
            />{' '}
            {textIn(component.title, language)}
          </label>
        ))}
      </fieldset>
      <MomentField label={t('work.from')} value={time.from} onChange={(from) => setTime({ ...time, from })} />
      <MomentField label={t('work.until')} value={time.until} saysZone onChange={(until) => setTime({ ...time, until })} />
      {languages.map((one) => (
        <fieldset key={one} lang={one} aria-label={one}>
          <Field label={t(`post.title.${one}`)}>
            {(ids) => (
              <input
                {...ids}
                required
                maxLength={textMax}
                value={title[one]}
                onChange={({ target }) => setTitle({ ...title, [one]: target.value })}
              />
            )}
          </Field>
          <Field label={t(`post.body.${one}`)}>
            {(ids) => (
              <textarea
                {...ids}
                required
                maxLength={textMax}
                value={body[one]}
                onChange={({ target }) => setBody({ ...body, [one]: target.value })}
              />
            )}
          </Field>
        </fieldset>
      ))}
    </DialogForm>
  );
}

/** Moves maintenance; of one that goes on only the end. */
export function MoveDialog({ work, onClose }: { work: StatusMaintenance; onClose: () => void }) {
  const { t } = useText();
  const [from, setFrom] = useState(localMinute(work.fromMs));
  const [until, setUntil] = useState(localMinute(work.untilMs));
  const isOn = work.state === 'in_progress';
  const move = useDeed({ under: ['status-page', 'maintenances', work.id], queryKey: ['status-page'] }, t('work.move.done'), {
    onDone: onClose,
  });
  return (
    <DialogForm
      title={t('work.move.title')}
      go={t('work.move')}
      isBusy={move.isPending}
      error={move.error}
      onGo={() =>
        move.mutate({
          method: 'POST',
          path: ['move'],
          body: { ...(isOn ? {} : { fromMs: Date.parse(from) }), untilMs: Date.parse(until) },
        })
      }
      onClose={onClose}
    >
      {isOn ? null : <MomentField label={t('work.from')} value={from} isFirst onChange={setFrom} />}
      <MomentField label={t('work.until')} value={until} saysZone isFirst={isOn} onChange={setUntil} />
    </DialogForm>
  );
}
