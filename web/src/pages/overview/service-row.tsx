import { Link } from '@tanstack/react-router';
import type { Alert, Objective } from '../../api/schema.ts';
import type { OverviewRow, Signals } from '../../api/types.ts';
import { objectivePath, objectivesInOrder } from '../../components/first-to-look-at.ts';
import { Ago } from '../../components/moment.tsx';
import { useLeft } from '../../components/objective-states.tsx';
import { Chip, HealthChip, ReleaseChip } from '../../components/states.tsx';
import { useText } from '../../text.tsx';

/** A service in one line: where it is wide; a card on a phone. */
export function ServiceRow({
  service,
  objectives,
  alerts,
}: {
  service: OverviewRow;
  objectives: readonly Objective[];
  /** Its open ones. */
  alerts: readonly Alert[];
}) {
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
        <Promises service={name} objectives={objectives} alerts={alerts} />
      </div>
      <LiveRelease live={live} />
      <SignalFigures signals={signals} />
    </li>
  );
}

/** The objective that is worst off, and how many alerts fire. */
function Promises({
  service,
  objectives,
  alerts,
}: {
  service: string;
  objectives: readonly Objective[];
  alerts: readonly Alert[];
}) {
  const { t } = useText();
  const left = useLeft();
  const worst = objectivesInOrder(objectives)[0];
  const firing = alerts.filter(({ state, silencedBy }) => state === 'firing' && silencedBy === null).length;
  return (
    <>
      {firing > 0 ? (
        <p>
          <Link to="/alerts" search={{ service }}>
            <Chip tone="bad" icon="bell">
              {t('overview.firing', { n: firing })}
            </Chip>
          </Link>
        </p>
      ) : null}
      {worst ? (
        <p className="small muted">
          <Link to="/objectives/$owner/$name" params={objectivePath(worst.id)}>
            {objectivePath(worst.id).name}
          </Link>
          {': '}
          {worst.state === 'ok' ? null : (
            <>
              <span className={worst.state === 'breaching' ? 'ink-bad strong' : ''}>{t(`slo.${worst.state}`)}</span>
              {' · '}
            </>
          )}
          {left(worst.budget.leftOfAllowance)}
        </p>
      ) : null}
    </>
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
