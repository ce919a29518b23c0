import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { doraQuery } from '../../api/queries.ts';
import { ProblemNote } from '../../components/problem.tsx';
import { useText } from '../../text.tsx';

const spans = [7, 30, 90] as const;

/** The four figures of DORA, each with what it rests on. */
export function DoraFigures({ name }: { name: string }) {
  const { t, f } = useText();
  const [days, setDays] = useState<number>(30);
  const dora = useQuery(doraQuery(name, days));
  const figures = dora.data;
  return (
    <section className="card" aria-labelledby="dora">
      <div className="card-head">
        <h2 id="dora">{t('dora.title')}</h2>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form; these change what is shown at once. */}
        <div className="row metrics" role="group" aria-label={t('dora.span')}>
          {spans.map((one) => (
            <button key={one} type="button" className="button small" aria-pressed={one === days} onClick={() => setDays(one)}>
              {t('dora.days', { n: one })}
            </button>
          ))}
        </div>
      </div>
      {dora.error ? <ProblemNote error={dora.error} /> : null}
      {figures ? (
        <dl className="figures">
          <div>
            <dt>{t('dora.frequency')}</dt>
            <dd>
              {/* A part of a deployment a day says little. */}
              {figures.perDay >= 1
                ? t('dora.per-day', { number: f.number(figures.perDay) })
                : t('dora.per-week', { number: f.number(figures.perDay * 7) })}
            </dd>
            <dd className="basis">{t('dora.deployments', { n: figures.deployments })}</dd>
          </div>
          <div>
            <dt>{t('dora.lead')}</dt>
            <dd>{figures.leadTimeMs.median === null ? '–' : f.duration(figures.leadTimeMs.median)}</dd>
            <dd className="basis">{t('dora.known', { n: figures.leadTimeMs.known })}</dd>
          </div>
          <div>
            <dt>{t('dora.failure')}</dt>
            <dd>{f.share(figures.changeFailure.rate)}</dd>
            <dd className="basis">
              {t('dora.failed', { failed: figures.changeFailure.failed, n: figures.changeFailure.total })}
            </dd>
          </div>
          <div>
            <dt>{t('dora.restore')}</dt>
            <dd>{figures.restoreMs.median === null ? '–' : f.duration(figures.restoreMs.median)}</dd>
            <dd className="basis">{t('dora.restored', { n: figures.restoreMs.count })}</dd>
          </div>
        </dl>
      ) : null}
    </section>
  );
}
