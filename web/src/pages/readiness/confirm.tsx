import { useState } from 'react';
import type { ReadinessItem } from '../../api/schema.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { useText } from '../../text.tsx';
import { useDeed } from './deed.ts';

/** What the controller takes at most. */
const fileBytesMax = 10_000_000;

export type About = {
  readonly service: string;
  readonly checklist: string | undefined;
  /** Id of the item, and what it is called. */
  readonly item: string;
  readonly title: string;
  readonly onClose: () => void;
};

/** A person says that an item is there, with a link or a file that proves it. */
export function ConfirmDialog({
  service,
  checklist,
  item,
  title,
  asks,
  onClose,
}: About & { asks: NonNullable<ReadinessItem['asks']> }) {
  const { t, f } = useText();
  const [link, setLink] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [comment, setComment] = useState('');
  const [unread, setUnread] = useState<Error | null>(null);
  const confirm = useDeed(service, t('readiness.confirm.done', { item: title }), { onDone: onClose });
  const linkProblem = link !== '' && file ? t('readiness.confirm.either') : null;
  const fileProblem = file && file.size > fileBytesMax ? t('readiness.confirm.file.large', { size: f.bytes(file.size) }) : null;
  const isMissing = asks.evidence === 'required' && link === '' && !file;
  const send = async (): Promise<void> => {
    if (linkProblem || fileProblem || isMissing) return;
    try {
      setUnread(null);
      const proof = file ? { file: { name: file.name, base64: await base64Of(file) } } : link === '' ? {} : { link };
      const said = comment.trim() === '' ? {} : { comment: comment.trim() };
      confirm.mutate({ method: 'POST', path: ['confirmations'], body: { checklist, item, ...said, ...proof } });
    } catch (error) {
      setUnread(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return (
    <DialogForm
      title={t('readiness.confirm.title', { item: title })}
      go={t('readiness.confirm.go')}
      isBusy={confirm.isPending}
      error={unread ?? confirm.error}
      onGo={() => void send()}
      onClose={onClose}
    >
      <p>{asks.text}</p>
      <Field label={t('readiness.confirm.link')} hint={isMissing ? t('readiness.confirm.needed') : null} problem={linkProblem}>
        {(ids) => (
          <input
            {...ids}
            type="url"
            data-first
            maxLength={2_000}
            required={asks.evidence === 'required' && !file}
            value={link}
            onChange={({ target }) => setLink(target.value.trim())}
          />
        )}
      </Field>
      <Field
        label={t('readiness.confirm.file')}
        hint={t('readiness.confirm.file.hint', { size: f.bytes(fileBytesMax) })}
        problem={fileProblem}
      >
        {(ids) => <input {...ids} type="file" onChange={({ target }) => setFile(target.files?.[0] ?? null)} />}
      </Field>
      <Field label={t('readiness.confirm.comment')}>
        {(ids) => <textarea {...ids} maxLength={2_000} value={comment} onChange={({ target }) => setComment(target.value)} />}
      </Field>
    </DialogForm>
  );
}

/** The bytes of a file as base64: what comes behind the comma of its data address. */
function base64Of(file: File): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reader = new FileReader();
  reader.onload = () => resolve(String(reader.result).split(',', 2)[1] ?? '');
  reader.onerror = () => reject(reader.error ?? new Error(file.name));
  reader.readAsDataURL(file);
  return promise;
}
