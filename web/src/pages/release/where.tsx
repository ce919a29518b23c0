import type { Series } from '../../api/schema.ts';
import type { Release, ReleaseStep } from '../../api/types.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { useNow } from '../../components/moment.tsx';
import { useText } from '../../text.tsx';
import { measuredSplit } from './split.ts';

/** The countdown goes by seconds, so what is left of the last one would stand still. */
const secondMs = 1_000;

/** Where the release is: what it does, how the traffic is split, and its plan as a track. */
export function Where({ release, series, live }: { release: Release; series: Series | undefined; live: Series | undefined }) {
  const { t, f } = useText();
  const now = useNow();
  const left = release.untilMs === null ? null : release.untilMs - now;
  return (
    <section className="card stack" aria-labelledby="where">
      <div className="row apart">
        <h2 id="where">{t('where.title')}</h2>
        {left !== null && left >= secondMs && !release.summary ? (
          <p className="muted">{t('where.left', { time: f.duration(left) })}</p>
        ) : null}
      </div>
      {release.summary ? null : <p className="doing">{release.doing}</p>}
      <Split release={release} series={live ?? series} />
      <Track release={release} />
    </section>
  );
}

/** The share of requests that the candidate really gets, beside the one that is wanted. */
function Split({ release, series }: { release: Release; series: Series | undefined }) {
  const { t, f } = useText();
  const split = series ? measuredSplit(series) : null;
  if (release.summary || (release.weight === 0 && split === null)) return null;
  const share = split?.share ?? null;
  return (
    <div className="split">
      <div className="split-words">
        <p>
          <span className="swatch candidate" /> <span className="mono strong">{release.version}</span>{' '}
          <span className="split-figure">{share === null ? '–' : f.share(share)}</span>
        </p>
        <p className="split-weight muted">{t('split.wanted', { weight: f.weight(release.weight) })}</p>
        {release.stable === null ? null : (
          <p className="split-stable">
            <span className="split-figure">{share === null ? '–' : f.share(1 - share)}</span>{' '}
            <span className="mono strong">{release.stable}</span> <span className="swatch stable" />
          </p>
        )}
      </div>
      <div className="split-bar" aria-hidden="true">
        <div className="split-measured" style={{ inlineSize: `${(share ?? 0) * 100}%` }} />
        <div className="split-wanted" style={{ insetInlineStart: `${release.weight}%` }} />
      </div>
      <p className="small muted">
        {split === null
          ? t('split.none')
          : t('split.measured', { candidate: split.candidate, all: split.all, seconds: split.seconds })}
      </p>
    </div>
  );
}

const stepIcons: Readonly<Record<ReleaseStep['kind'], IconName>> = {
  approve: 'question',
  match: 'user',
  weight: 'forward',
  observe: 'eye',
  pause: 'pause',
  barrier: 'pause',
  gate: 'check',
  hook: 'gear',
  backup: 'copy',
  migrate: 'database',
  scale: 'copy',
  promote: 'forward',
  bake: 'eye',
  retire: 'clock',
};
/** Steps that traffic waits at. */
const gates: ReadonlySet<ReleaseStep['kind']> = new Set(['approve', 'backup', 'migrate', 'pause', 'barrier', 'gate', 'hook']);
const stateIcons: Readonly<Record<ReleaseStep['state'], IconName>> = {
  done: 'check',
  now: 'play',
  next: 'ring',
  stopped: 'cross',
};

function Track({ release }: { release: Release }) {
  const { t, f } = useText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by the keyboard.
    <section className="track-wrap" aria-label={t('track.title')} tabIndex={0}>
      <ol className="track">
        {release.steps.map((step, index) => {
          const isGate = gates.has(step.kind);
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: a plan is fixed, and its steps have no other name.
              key={index}
              className={`step is-${step.state}${isGate ? ' is-gate' : ''}`}
              aria-current={step.state === 'now' ? 'step' : undefined}
            >
              <div className="step-level" aria-hidden="true">
                {step.weight === null ? null : (
                  <div className="step-fill" style={{ '--weight': `${step.weight}%` } as React.CSSProperties} />
                )}
                {isGate ? <Icon name={stepIcons[step.kind]} className="step-gate" /> : null}
              </div>
              <div className="step-words">
                <p className="step-weight">
                  <Icon name={stateIcons[step.state]} />
                  <span className="seen-by-readers">{t(`step.${step.state}`)}</span>
                  {step.weight === null ? null : f.weight(step.weight)}
                </p>
                <p className="step-text">{step.text}</p>
                <StepTime step={step} />
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function StepTime({ step: { minMs, maxMs } }: { step: ReleaseStep }) {
  const { t, f } = useText();
  if (minMs === null || (minMs === 0 && !maxMs)) return null;
  const least = f.duration(minMs);
  return (
    <p className="step-time small muted">
      {maxMs && maxMs !== minMs
        ? minMs === 0
          ? t('step.at-most', { most: f.duration(maxMs) })
          : t('step.between', { least, most: f.duration(maxMs) })
        : least}
    </p>
  );
}
