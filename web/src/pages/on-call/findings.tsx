import { useQuery } from '@tanstack/react-query';
import { onCallFindingsQuery } from '../../api/queries.ts';
import { Icon } from '../../components/icon.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { Chip } from '../../components/states.tsx';
import { useText } from '../../text.tsx';

/** What would go wrong when it matters: times without anybody, steps that tell nobody. */
export function Findings() {
  const { t, f } = useText();
  const answer = useQuery(onCallFindingsQuery);
  return (
    <section className="card stack" aria-labelledby="findings">
      <h2 id="findings">{t('gaps.title')}</h2>
      {answer.error ? <ProblemNote error={answer.error} /> : null}
      {answer.data?.policies.length === 0 ? (
        <p className="row">
          <Chip tone="bad" icon="stop">
            {t('gaps.error')}
          </Chip>
          <span>{t('gaps.no-policy')}</span>
        </p>
      ) : answer.data?.findings.length === 0 ? (
        <p className="calm ink-ok">
          <Icon name="check" /> {t('gaps.none')}
        </p>
      ) : null}
      <ol className="stack tight">
        {answer.data?.findings.map(({ level, document, text, time }) => (
          <li key={`${document.kind} ${document.name} ${text}`}>
            <p className="row">
              <Chip tone={level === 'error' ? 'bad' : 'warn'} icon={level === 'error' ? 'stop' : 'warn'}>
                {t(`gaps.${level}`)}
              </Chip>
              <span className="muted small">
                {document.kind} {document.name}
                {time === null ? null : <> · {t('gaps.time', { from: f.date(time.fromMs), to: f.date(time.untilMs) })}</>}
              </span>
            </p>
            <p>{text}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
