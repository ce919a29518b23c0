import type { ReleaseSummary } from '../../api/schema.ts';
import { Note } from '../../components/problem.tsx';
import { useText } from '../../text.tsx';

/** How a release ended, with its numbers. */
export function Summary({ summary }: { summary: ReleaseSummary }) {
  const { t, f } = useText();
  const { outcome, reason, secondsToSafety, failedRequests, candidateRequests, startedAtMs, endedAtMs } = summary;
  const isGood = outcome === 'succeeded';
  const isBad = outcome === 'rolled-back' || outcome === 'rejected';
  const facts: readonly [string, string][] = [
    [t('summary.ended'), f.moment(endedAtMs)],
    [t('summary.took'), f.duration(endedAtMs - startedAtMs)],
    [t('summary.failed'), t('summary.of', { failed: failedRequests, n: candidateRequests })],
    ...(secondsToSafety === null ? [] : [[t('summary.safety'), f.seconds(secondsToSafety)] as [string, string]]),
  ];
  return (
    <Note
      tone={isGood ? 'ok' : isBad ? 'bad' : 'info'}
      icon={isGood ? 'check' : isBad ? 'back' : 'dot'}
      title={t(`state.${outcome}`)}
    >
      <p>{reason}</p>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Note>
  );
}
