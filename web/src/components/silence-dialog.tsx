import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Problem } from '../api/client.ts';
import { silencePreviewQuery } from '../api/queries.ts';
import type { SilencePreview } from '../api/schema.ts';
import { useText } from '../text.tsx';
import { useDeed } from './deed.ts';
import { DialogForm } from './dialog-form.tsx';
import { Field } from './field.tsx';
import { AlertChip } from './objective-states.tsx';

/** How long, in the words of the API. */
const spans = { '30m': 0.5, '1h': 1, '2h': 2, '4h': 4, '8h': 8, '1d': 24, '3d': 72, '7d': 168 } as const;
type Span = keyof typeof spans;
const hourMs = 3_600_000;
/** Somebody who types is let finish first. */
const settleMs = 400;
/** Alerts that are named; the others are counted. */
const namedMax = 8;

/** Keeps alerts still for a while, and shows before it is done which ones of those that are open. */
export function SilenceDialog({
  alert,
  onClose,
}: {
  /** The one that it is asked for; null: none in particular. */
  alert: { readonly id: string; readonly name: string } | null;
  onClose: () => void;
}) {
  const { t, f } = useText();
  // What one alert is known by, to begin with.
  const exactly = useQuery(silencePreviewQuery([], alert?.id ?? null)).data?.matchers[0];
  const [text, setText] = useState<string | null>(null);
  const [span, setSpan] = useState<Span | 'resolved'>(alert === null ? '1h' : 'resolved');
  const [comment, setComment] = useState('');
  const shown = text ?? exactly?.join('\n') ?? '';
  const matchers = useSettled(shown, settleMs)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const preview = useQuery(silencePreviewQuery(matchers, null));
  const set = useDeed({ under: ['silences'], queryKey: ['silences'] }, t('silence.done'), { onDone: onClose });
  const go = (): void => {
    const given = shown.split('\n').map((line) => line.trim());
    const until = span === 'resolved' && alert !== null ? { untilResolved: alert.id } : { for: span };
    set.mutate({
      method: 'POST',
      path: [],
      body: { matchers: given.filter((line) => line !== ''), ...until, comment: comment.trim() },
    });
  };
  return (
    <DialogForm
      title={alert === null ? t('silence.title') : t('silence.title.of', { name: alert.name })}
      go={t('silence.go')}
      isBusy={set.isPending}
      error={set.error}
      onGo={go}
      onClose={onClose}
    >
      <p>{t('silence.does')}</p>
      <Field label={t('silence.matchers')} hint={t('silence.matchers.hint')} problem={refusal(preview.error)}>
        {(ids) => (
          <textarea
            {...ids}
            {...(alert === null ? { 'data-first': true } : {})}
            className="mono silence-matchers"
            required
            spellCheck={false}
            rows={Math.min(8, Math.max(3, shown.split('\n').length))}
            value={shown}
            onChange={({ target }) => setText(target.value)}
          />
        )}
      </Field>
      <Kept preview={matchers.length === 0 || preview.error ? undefined : preview.data} />
      <Field label={t('silence.for')}>
        {(ids) => (
          <select
            {...ids}
            {...(alert === null ? {} : { 'data-first': true })}
            value={span}
            onChange={({ target }) => setSpan(target.value as typeof span)}
          >
            {alert === null ? null : <option value="resolved">{t('silence.until-resolved', { name: alert.name })}</option>}
            {(Object.keys(spans) as Span[]).map((one) => (
              <option key={one} value={one}>
                {f.duration(spans[one] * hourMs)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t('silence.comment')} hint={t('reason.hint')}>
        {(ids) => (
          <input
            {...ids}
            maxLength={1_000}
            autoComplete="off"
            value={comment}
            onChange={({ target }) => setComment(target.value)}
          />
        )}
      </Field>
    </DialogForm>
  );
}

/** Which open alerts it would keep still now. */
function Kept({ preview }: { preview: SilencePreview | undefined }) {
  const { t } = useText();
  return (
    <div role="status" className="stack tight silence-kept">
      {preview === undefined ? (
        <p className="muted">{t('silence.keeps.unknown')}</p>
      ) : (
        <>
          <p className={preview.count === 0 ? 'muted' : 'strong'}>
            {preview.count === 0 ? t('silence.keeps.none') : t('silence.keeps', { n: preview.count })}
          </p>
          <ul className="stack tight small">
            {preview.alerts.slice(0, namedMax).map(({ id, name, service, state }) => (
              <li key={id} className="row">
                <AlertChip state={state} />
                <span>
                  {name}
                  {service === null ? null : <span className="muted"> · {service}</span>}
                </span>
              </li>
            ))}
          </ul>
          {preview.count > namedMax ? (
            <p className="muted small">{t('silence.keeps.more', { n: preview.count - namedMax })}</p>
          ) : null}
        </>
      )}
    </div>
  );
}

/** What is wrong with the matchers themselves: everything else is shown when it is sent. */
function refusal(error: Error | null): string | null {
  return error instanceof Problem && error.status === 400 ? error.message : null;
}

/** A value that has not changed for a while. */
function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
