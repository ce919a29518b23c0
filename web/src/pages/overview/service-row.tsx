import { Link } from '@tanstack/react-router';
import type { OverviewRow, Signals } from '../../api/types.ts';
import { Ago } from '../../components/moment.tsx';
import { HealthChip, ReleaseChip } from '../../components/states.tsx';
import { useText } from '../../text.tsx';

/** A service in one line: where it is wide; a card on a phone. */
export function ServiceRow({ service }: { service: OverviewRow }) {
  const { t } = useText();
  const { name, owner, stable, live, health, signals } = service;
  return (
    <li className={`service level-${health.level}`}>
      <div>
        <h3>
          <Link to="/services/$name" params={{ name }}>
            {name}
          </Link>
        </h3>
        <p className="muted small">
          {stable === null ? (
            t('overview.no-stable')
          ) : (
            <>
              <span className="mono">{stable.version}</span> · <Ago atMs={stable.sinceMs} />
            </>
          )}
          {owner === null ? null : <> · {owner}</>}
        </p>
      </div>
      <div>
        <HealthChip health={health} />
        {health.reasons.length > 0 && health.level !== 'healthy' ? (
          <p className="small muted reasons">{health.reasons.join('; ')}</p>
        ) : null}
      </div>
      <LiveRelease live={live} />
      <SignalFigures signals={signals} />
    </li>
  );
}

function LiveRelease({ live }: { live: OverviewRow['live'] }) {
  const { t, f } = useText();
  if (live === null) return <p className="muted small no-live">{t('overview.no-live')}</p>;
  return (
    <div className="live-release">
      <p className="row">
        <Link to="/releases/$id" params={{ id: live.id }} className="mono strong">
          {live.version}
        </Link>
        <ReleaseChip state={live.state} />
        <span className="weight-figure">{f.weight(live.weight)}</span>
      </p>
      <div className="weight-bar" aria-hidden="true">
        <div style={{ inlineSize: `${live.weight}%` }} />
      </div>
      <p className="small muted">{live.doing}</p>
    </div>
  );
}

function SignalFigures({ signals }: { signals: Signals | null }) {
  const { t, f } = useText();
  const { requestsPerSecond = null, errorShare = null, p50Ms = null, p95Ms = null, p99Ms = null } = signals ?? {};
  const { cpuShare = null, memoryBytes = null } = signals ?? {};
  const figures: readonly [name: string, value: string][] = [
    [t('signal.rps'), f.number(requestsPerSecond)],
    [t('signal.errors'), f.share(errorShare)],
    ['p50', f.ms(p50Ms)],
    ['p95', f.ms(p95Ms)],
    ['p99', f.ms(p99Ms)],
    [t('signal.saturation'), `${f.coarseShare(cpuShare)} · ${f.bytes(memoryBytes)}`],
  ];
  return (
    <dl className="signals">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
