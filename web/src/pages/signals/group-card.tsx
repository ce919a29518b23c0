import { useMemo } from 'react';
import type { GoldenSignal, SignalGroup, SignalPoint } from '../../api/types.ts';
import { Chart, type ChartMark } from '../../components/chart.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { useText } from '../../text.tsx';
import { groupCharts } from './group-charts.ts';
import { levelLines } from './levels.ts';
import { SignalChip } from './state-chip.tsx';

const classNames = ['status', 'connect', 'timeout', 'broken'] as const;
type ClassName = (typeof classNames)[number];
const isClass = (name: string): name is ClassName => (classNames as readonly string[]).includes(name);

/** One of the four golden signals: how it is and why, its values against their levels, and its charts. */
export function GroupCard({
  group,
  points,
  marks,
}: {
  group: SignalGroup;
  points: readonly SignalPoint[];
  marks: readonly ChartMark[];
}) {
  const { t } = useText();
  const write = useAmount();
  const times = points.map(({ from }) => from);
  const charts = useMemo(
    () =>
      groupCharts(group, points, {
        latency: t('signal.latency.plain'),
        requests: t('signal.rps'),
        byMethod: t('signals.by-method'),
        byStatus: t('signals.by-status'),
        errors: t('signals.failed'),
        byClass: t('signals.by-class'),
        classOf: (name) => (isClass(name) ? t(`signals.class.${name}`) : name),
      }),
    [group, points, t],
  );
  const isTraffic = group.group === 'traffic';
  return (
    <section className="card stack tight" aria-labelledby={`signal-${group.group}`}>
      <div className="row">
        <h2 id={`signal-${group.group}`}>{t(`signals.group.${group.group}`)}</h2>
        <SignalChip state={group.state} />
      </div>
      <p className="signal-sentence">{group.sentence}</p>
      {isTraffic ? null : <LevelTable group={group} />}
      {points.length === 0 ? null : (
        <div className="signal-charts">
          {charts.map(({ title, lines, leveled, unit, of, leastTop }) => {
            const values = lines.map((line) => line.values);
            const levels = leveled ? levelLines(leveled.levels, values, (name) => t(`signals.level.${name}`)) : [];
            return (
              <figure key={title}>
                <figcaption className="figure-head">
                  <h3 className={titleClassOf(group)}>{title}</h3>
                </figcaption>
                <Chart
                  times={times}
                  lines={[...lines, ...levels]}
                  marks={marks}
                  write={(value) => write({ unit, of }, value)}
                  leastTop={leastTop}
                  height={150}
                />
              </figure>
            );
          })}
        </div>
      )}
    </section>
  );
}

const levelNames = ['target', 'warning', 'critical'] as const;

function LevelTable({ group }: { group: SignalGroup }) {
  const { t, f } = useText();
  const write = useAmount();
  const nameOf = t(`signals.group.${group.group}`);
  const titleClass = titleClassOf(group);
  return (
    <Scroll label={t('signals.levels', { signal: nameOf })}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('signals.signal')}</th>
            <th scope="col" className="number">
              {t('signals.now')}
            </th>
            <th scope="col">{t('signals.state')}</th>
            {levelNames.map((name) => (
              <th key={name} scope="col" className="number">
                {t(`signals.level.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {group.signals.map((signal) => (
            <tr key={signal.name}>
              <th scope="row" className={titleClass}>
                {signal.title}
              </th>
              <td className="number">
                {signal.value === null ? '–' : write(signal, signal.value)}
                {signal.unit === 'share' && signal.used !== null && signal.limit !== null && signal.limit !== 1 ? (
                  <span className="muted small signal-parts">
                    {t('signals.parts', {
                      used: signal.of === 'B' ? f.bytes(signal.used) : f.fine(signal.used),
                      limit: signal.of === 'B' ? f.bytes(signal.limit) : f.fine(signal.limit),
                    })}
                  </span>
                ) : null}
              </td>
              <td>
                <SignalChip state={signal.state} />
              </td>
              {levelNames.map((name) => (
                <td key={name} className="number">
                  {signal.levels[name] === null ? '–' : write(signal, signal.levels[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Titles begin as sentences do, but for quantiles, which are written small. */
function titleClassOf({ group }: SignalGroup): string {
  return group === 'latency' ? '' : 'signal-title';
}

/** Writes a value of a signal in its unit. */
function useAmount(): (signal: Pick<GoldenSignal, 'unit' | 'of'>, value: number) => string {
  const { f } = useText();
  return ({ unit, of }, value) => {
    if (unit === 'ms') return f.ms(value);
    if (unit === 'share') return f.share(value);
    if (of === 'B') return f.bytes(value);
    return of === null ? f.fine(value) : `${f.fine(value)} ${of}`;
  };
}
