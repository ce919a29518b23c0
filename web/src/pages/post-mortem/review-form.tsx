import { useState } from 'react';
import type { Narration, PostMortem, Review } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { Field } from '../../components/field.tsx';
import { NarrationText } from '../../components/narration-text.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { textIn } from '../../components/text-in.ts';
import { useText } from '../../text.tsx';

type FieldName = keyof Review['texts'];

const fields: readonly FieldName[] = ['summary', 'causes', 'surprise', 'well', 'wrong', 'lucky', 'lessons'];
const textMax = 20_000;

/** What people write. Only what was changed here is sent, so that two who write different parts do not undo each other. */
export function ReviewForm({ of: { incident: id, review, offers, narration }, mayWrite }: { of: PostMortem; mayWrite: boolean }) {
  const { t, f, language } = useText();
  const [changed, setChanged] = useState<Partial<Record<FieldName, string>>>({});
  const [authors, setAuthors] = useState<string | null>(null);
  const save = useDeed({ under: ['incidents', id, 'post-mortem'], queryKey: ['incident', id] }, t('review.saved'), {
    onDone: () => {
      setChanged({});
      setAuthors(null);
    },
  });
  const isChanged = Object.keys(changed).length > 0 || authors !== null;
  const send = (): void => {
    const names = authors?.split(',').map((name) => name.trim());
    const texts = Object.fromEntries(Object.entries(changed).map(([field, text]) => [field, text.trim()]));
    save.mutate({
      method: 'PUT',
      path: [],
      body: { texts, ...(names ? { authors: names.filter((name) => name !== '') } : {}) },
    });
  };
  if (!mayWrite) return <Written review={review} />;
  const put = (field: FieldName, text: string): void => setChanged((before) => ({ ...before, [field]: text }));
  return (
    <section className="card stack" aria-labelledby="review">
      <h2 id="review">{t('review.title')}</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isChanged && !save.isPending) send();
        }}
      >
        <Field label={t('review.authors')} hint={t('review.authors.hint')}>
          {(ids) => (
            <input
              {...ids}
              autoComplete="off"
              value={authors ?? review.authors.join(', ')}
              onChange={({ target }) => setAuthors(target.value)}
            />
          )}
        </Field>
        {fields.map((field) => {
          const written = review.texts[field];
          const value = changed[field] ?? written?.text ?? '';
          const open = offers.filter(({ side, text }) => side === field && !value.includes(textIn(text, language)));
          return (
            <div key={field} className="stack tight">
              <Field
                label={t(`review.${field}`)}
                hint={written ? t('review.by', { name: written.by, time: f.date(written.atMs) }) : null}
              >
                {(ids) => (
                  <textarea {...ids} maxLength={textMax} value={value} onChange={({ target }) => put(field, target.value)} />
                )}
              </Field>
              {field === 'summary' && narration && value === '' ? (
                <NarrationDraft narration={narration} onTake={(text) => put(field, text)} />
              ) : null}
              {open.map(({ text }) => {
                const said = textIn(text, language);
                return (
                  <p key={said} className="row small muted">
                    <span>{said}</span>
                    <button
                      type="button"
                      className="button small"
                      aria-label={t('post.of', { what: t('review.offer'), title: said })}
                      onClick={() => put(field, value === '' ? said : `${value}\n${said}`)}
                    >
                      {t('review.offer')}
                    </button>
                  </p>
                );
              })}
            </div>
          );
        })}
        {save.error ? <ProblemNote error={save.error} /> : null}
        <p>
          <button type="submit" className="button first" disabled={!isChanged || save.isPending}>
            {t('review.save')}
          </button>
        </p>
      </form>
    </section>
  );
}

/** What a model has made of the events, for whoever writes the summary: theirs once they have taken it over. */
function NarrationDraft({ narration, onTake }: { narration: Narration; onTake: (text: string) => void }) {
  const { t } = useText();
  return (
    <div className="stack tight small">
      <NarrationText narration={narration} />
      <p>
        <button
          type="button"
          className="button small"
          onClick={() => onTake(narration.sentences.map(({ text }) => text).join('\n'))}
        >
          {t('narration.take')}
        </button>
      </p>
    </div>
  );
}

/** The same for who may only read. */
function Written({ review: { authors, texts } }: { review: Review }) {
  const { t, f } = useText();
  return (
    <section className="card stack" aria-labelledby="review">
      <h2 id="review">{t('review.title')}</h2>
      {authors.length === 0 ? null : (
        <p className="muted">
          {t('review.authors')}: {authors.join(', ')}
        </p>
      )}
      {fields.map((field) => {
        const written = texts[field];
        return (
          <div key={field}>
            <h3>{t(`review.${field}`)}</h3>
            {written ? (
              <>
                <p className="post-mortem-text">{written.text}</p>
                <p className="muted small">{t('review.by', { name: written.by, time: f.date(written.atMs) })}</p>
              </>
            ) : (
              <p className="muted">{t('review.blank')}</p>
            )}
          </div>
        );
      })}
    </section>
  );
}
