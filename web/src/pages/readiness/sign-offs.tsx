import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem } from '../../api/client.ts';
import type { ReadinessReport } from '../../api/schema.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { Note } from '../../components/problem.tsx';
import { roleText } from '../../components/role-text.ts';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import type { ReadinessSearch } from '../../router.tsx';
import { useMay, useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { useDeed } from './deed.ts';
import { scoreText } from './looks.tsx';

/** What is signed: the report as it was when its window was opened. */
type Signing = { readonly role: string; readonly title: string; readonly report: ReadinessReport };

/** Whose signatures the report needs, and who has signed it. */
export function SignOffs({ service, report, search }: { service: string; report: ReadinessReport; search: ReadinessSearch }) {
  const text = useText();
  const { t, f } = text;
  const { name } = useSession();
  const mayApprove = useMay('approve', service) && search.run === undefined;
  const [signing, setSigning] = useState<Signing | null>(null);
  const [hasChanged, setChanged] = useState(false);
  const { roles, signOffs, hash } = report;
  return (
    <section className="card stack tight" aria-labelledby="signs">
      <h2 id="signs">{t('readiness.signs')}</h2>
      {hasChanged ? (
        <div role="alert">
          <Note tone="warn" icon="warn" title={t('readiness.sign.changed')}>
            <p>{t('readiness.sign.changed.more')}</p>
          </Note>
        </div>
      ) : null}
      {roles.length === 0 ? (
        <p className="muted">{t('readiness.signs.none')}</p>
      ) : (
        <>
          <p>{t('readiness.signs.count', { n: signOffs.length, of: roles.length })}</p>
          <Scroll label={t('readiness.signs')}>
            <table className="cards">
              <TableHead
                columns={[
                  t('readiness.signs.role'),
                  t('readiness.signs.by'),
                  t('readiness.signs.at'),
                  t('readiness.signs.comment'),
                  mayApprove ? t('readiness.signs.deed') : null,
                ]}
              />
              <tbody>
                {roles.map(({ role, title, by }) => {
                  const called = title === role ? roleText(role, text) : title;
                  const signed = signOffs.find((one) => one.role === role);
                  return (
                    <tr key={role}>
                      <th scope="row">{called}</th>
                      <td data-label={t('readiness.signs.by')}>
                        {signed?.by ?? t('readiness.signs.missing')}
                        {!signed && by !== null ? (
                          <span className="muted small"> ({t('readiness.signs.only', { names: by.join(', ') })})</span>
                        ) : null}
                      </td>
                      <td data-label={t('readiness.signs.at')}>{signed ? f.date(signed.atMs) : '–'}</td>
                      <td data-label={t('readiness.signs.comment')}>{signed?.comment ?? '–'}</td>
                      {mayApprove ? (
                        <td>
                          {by === null || by.includes(name) ? (
                            <button
                              type="button"
                              className="button small"
                              aria-label={t('readiness.sign.of', { role: called })}
                              onClick={() => {
                                setChanged(false);
                                setSigning({ role, title: called, report });
                              }}
                            >
                              {t('readiness.sign')}
                            </button>
                          ) : null}
                        </td>
                      ) : null}
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
      <p className="muted small">
        {t('readiness.signs.hash')}: <span className="mono">{hash}</span>
      </p>
      {signing ? (
        <SignDialog
          service={service}
          of={search}
          signing={signing}
          onChanged={() => setChanged(true)}
          onClose={() => setSigning(null)}
        />
      ) : null}
    </section>
  );
}

function SignDialog({
  service,
  of: { checklist, version },
  signing: { role, title, report },
  onChanged,
  onClose,
}: {
  service: string;
  of: ReadinessSearch;
  signing: Signing;
  onChanged: () => void;
  onClose: () => void;
}) {
  const text = useText();
  const { t } = text;
  const client = useQueryClient();
  const [comment, setComment] = useState('');
  const sign = useDeed(service, t('readiness.sign.done', { role: title }), {
    onDone: onClose,
    onFailed: (error) => {
      if (!(error instanceof Problem) || error.where !== 'hash') return;
      onChanged();
      onClose();
      void client.invalidateQueries({ queryKey: ['readiness', service] });
    },
  });
  const said = comment.trim() === '' ? {} : { comment: comment.trim() };
  return (
    <DialogForm
      title={t('readiness.sign.title', { role: title })}
      go={t('readiness.sign.go')}
      isBusy={sign.isPending}
      error={sign.error}
      onGo={() =>
        sign.mutate({
          method: 'POST',
          path: ['signoffs'],
          body: { checklist, version, role, hash: report.hash, ...said },
        })
      }
      onClose={onClose}
    >
      <p>
        {t('readiness.sign.more', {
          verdict: t(`readiness.verdict.${report.verdict}`),
          score: scoreText(report.score, text),
        })}
      </p>
      <p className="muted small">
        {t('readiness.signs.hash')}: <span className="mono">{report.hash}</span>
      </p>
      <Field label={t('readiness.confirm.comment')}>
        {(ids) => (
          <textarea {...ids} data-first maxLength={2_000} value={comment} onChange={({ target }) => setComment(target.value)} />
        )}
      </Field>
    </DialogForm>
  );
}
