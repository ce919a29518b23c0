import { useState } from 'react';
import type { StatusPost, Text } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { textIn } from '../../components/text-in.ts';
import { languages } from '../../messages/index.ts';
import { useText } from '../../text.tsx';

type State = StatusPost['state'];
type Both = { readonly en: string; readonly ru: string };

const states: readonly State[] = ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem'];
const textMax = 4_000;

const both = (text: Text): Both => ({ en: textIn(text, 'en'), ru: textIn(text, 'ru') });

/** What customers are to read, in both languages; it begins with the draft where there is one. */
export function PostDialog({ post, onClose }: { post: StatusPost; onClose: () => void }) {
  const { t } = useText();
  const { id, draft } = post;
  const [state, setState] = useState<State>(draft?.state ?? post.state);
  const [title, setTitle] = useState(both(draft?.title ?? post.title));
  const [body, setBody] = useState(both(draft?.body ?? ''));
  const to = { under: ['status-page', 'posts', id], queryKey: ['status-page'] };
  const publish = useDeed(to, t('post.publish.done'), { onDone: onClose });
  return (
    <DialogForm
      title={t('post.edit.title')}
      go={t('post.publish')}
      isBusy={publish.isPending}
      error={publish.error}
      onGo={() => publish.mutate({ method: 'POST', path: ['publish'], body: { state, title, body } })}
      onClose={onClose}
    >
      <p>{t('post.edit.does')}</p>
      <Field label={t('post.state')}>
        {(ids) => (
          <select {...ids} value={state} onChange={({ target }) => setState(target.value as State)}>
            {states.map((one) => (
              <option key={one} value={one}>
                {t(`post.state.${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {languages.map((language) => (
        <fieldset key={language} lang={language} aria-label={language}>
          <Field label={t(`post.title.${language}`)}>
            {(ids) => (
              <input
                {...ids}
                required
                maxLength={textMax}
                value={title[language]}
                onChange={({ target }) => setTitle({ ...title, [language]: target.value })}
              />
            )}
          </Field>
          <Field label={t(`post.body.${language}`)}>
            {(ids) => (
              <textarea
                {...ids}
                required
                maxLength={textMax}
                value={body[language]}
                onChange={({ target }) => setBody({ ...body, [language]: target.value })}
              />
            )}
          </Field>
        </fieldset>
      ))}
    </DialogForm>
  );
}
