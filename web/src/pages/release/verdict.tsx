import type { Release } from '../../api/types.ts';
import { VerdictChip } from '../../components/states.tsx';
import { useText } from '../../text.tsx';

/** What the guard says, in one sentence with its numbers; behind it each of its tests. */
export function VerdictCard({ release: { verdict, findings } }: { release: Release }) {
  const { t, f } = useText();
  return (
    <section className="card stack tight" aria-labelledby="verdict">
      <div className="row apart">
        <h2 id="verdict">{t('verdict.title')}</h2>
        {verdict ? <VerdictChip kind={verdict.kind} /> : null}
      </div>
      {verdict ? (
        <>
          <p className="verdict-sentence">{verdict.sentence}</p>
          {verdict.proven ? <p className="muted small">{t('verdict.proven')}</p> : null}
          <details className="fold small">
            <summary>{t('verdict.tests', { n: verdict.metrics.length })}</summary>
            <ul className="stack tight">
              {verdict.metrics.map((metric) => (
                <li key={`${metric.metric} ${metric.test}`} className="verdict-test">
                  <VerdictChip kind={metric.kind} />
                  <div>
                    <p>{metric.sentence}</p>
                    {metric.logEvidence !== null && metric.logThreshold !== null ? (
                      <p className="muted">
                        {t('verdict.evidence', {
                          evidence: f.fine(metric.logEvidence),
                          threshold: f.fine(metric.logThreshold),
                        })}
                      </p>
                    ) : null}
                  </div>
                </li>
              ))}
            </ul>
          </details>
        </>
      ) : (
        <p className="muted">{t('verdict.none')}</p>
      )}
      {findings.length > 0 ? (
        <details className="fold small" open={findings.some(({ ok }) => !ok)}>
          <summary>{t('findings.title', { n: findings.length })}</summary>
          <ul className="stack tight">
            {findings.map(({ what, ok, detail }) => (
              <li key={`${what} ${detail}`}>
                <span className={ok ? 'ink-ok' : 'ink-bad'}>{ok ? '✓' : '✗'}</span>{' '}
                <span className="seen-by-readers">{t(ok ? 'finding.ok' : 'finding.bad')}</span> {what}
                {detail ? <span className="muted"> · {detail}</span> : null}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}
