import type { Alert } from '../alerts/types.ts';
import { releaseSummary } from '../release/summary.ts';
import type { ServiceState } from '../release/types.ts';
import type { Gauge } from '../signals/types.ts';
import type { RunbookLook } from '../spec/runbook.ts';
import type { Text } from '../spec/text.ts';
import { durationText } from '../spec/unit-text.ts';
import { signalAssessment } from './signal-view.ts';
import type { Signals } from './signals.ts';

/** What is known of a service at a moment. */
export type LookedAt = {
  readonly state: ServiceState;
  /** Null: nothing is known of its requests. */
  readonly signals: Signals | null;
  readonly gauges: readonly Gauge[];
  /** Alerts that have not ended, of all services. */
  readonly alerts: readonly Alert[];
  readonly nowMs: number;
};

/** Releases that are told. */
const releasesMax = 5;
/** One that ended longer ago did not do it. */
const recentMs = 24 * 3_600_000;
const linesMax = 50;

/** What the controller knows by itself, for people who are called in the night: one sentence, and lines. */
export function lookText(at: RunbookLook, looked: LookedAt): { readonly said: Text; readonly lines: readonly string[] } {
  switch (at) {
    case 'releases':
      return releases(looked);
    case 'signals':
      return signals(looked);
    case 'instances':
      return instances(looked);
    case 'alerts':
      return alerts(looked);
  }
}

type Looked = ReturnType<typeof lookText>;

function releases({ state, nowMs }: LookedAt): Looked {
  const ago = (ms: number): string => durationText(Math.max(0, Math.round((nowMs - ms) / 1_000) * 1_000));
  const live = state.live ? [`${state.live.id}: ${state.live.version} is under way for ${ago(state.live.requestedAtMs)}`] : [];
  const ended = state.ended.flatMap((release) => {
    const summary = releaseSummary(release);
    if (!summary || nowMs - summary.endedAtMs > recentMs) return [];
    return [`${summary.release}: ${summary.version} ${summary.outcome} ${ago(summary.endedAtMs)} ago: ${summary.reason}`];
  });
  const all = [...live, ...ended];
  const lines = all.slice(0, releasesMax);
  const { stable } = state;
  if (lines.length > 0)
    return {
      said: {
        en: `${live.length > 0 ? 'one is under way, ' : ''}${ended.length} ended in the last 24 h${all.length > lines.length ? `; the last ${lines.length} are shown` : ''}`,
        ru: `${live.length > 0 ? 'один идёт, ' : ''}завершились за последние 24 ч: ${ended.length}${all.length > lines.length ? `; показаны последние ${lines.length}` : ''}`,
      },
      lines,
    };
  const since = stable ? new Date(stable.sinceMs).toISOString() : null;
  return {
    said: {
      en: `none in the last 24 h${stable ? `; ${stable.version} is stable since ${since}` : ''}`,
      ru: `за последние 24 ч не было${stable ? `; ${stable.version} стабильна с ${since}` : ''}`,
    },
    lines,
  };
}

function signals({ state, signals: known, gauges, nowMs }: LookedAt): Looked {
  const of = (language: 'en' | 'ru') => signalAssessment(state, { signals: known, gauges, traffic: null }, nowMs, language);
  const [en, ru] = [of('en').groups, of('ru').groups];
  const bad = (groups: typeof en): string =>
    groups
      .filter((group) => group.state === 'critical' || group.state === 'warning')
      .map(({ sentence }) => sentence)
      .join('; ');
  const said =
    bad(en) === '' ? { en: 'nothing is above its level', ru: 'ничто не превышает свой уровень' } : { en: bad(en), ru: bad(ru) };
  const lines = en.flatMap((group) => group.signals.map(({ title, sentence }) => `${title}: ${sentence}`));
  return { said, lines: lines.slice(0, linesMax) };
}

function instances({ state }: LookedAt): Looked {
  const all = Object.values(state.instances).flat();
  const ready = all.filter((one) => one.state === 'ready').length;
  const restarts = all.reduce((sum, one) => sum + one.restarts, 0);
  const lines = all.map(
    ({ id, state: now, restarts: times, problem }) =>
      `${id}: ${now}${times > 0 ? `, restarted ${times} ${times === 1 ? 'time' : 'times'}` : ''}${problem === undefined ? '' : `: ${problem}`}`,
  );
  return {
    said: {
      en: `${ready} of ${all.length} ready, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`,
      ru: `готовы ${ready} из ${all.length}, перезапусков: ${restarts}`,
    },
    lines: lines.slice(0, linesMax),
  };
}

function alerts({ alerts: all, state: { name } }: LookedAt): Looked {
  const firing = all
    .filter(({ state }) => state === 'firing')
    .toSorted((a, b) => Number(b.service === name) - Number(a.service === name));
  const own = firing.filter(({ service }) => service === name).length;
  return {
    said: {
      en: `${own} of this service, ${firing.length - own} of others`,
      ru: `этого сервиса: ${own}, других: ${firing.length - own}`,
    },
    lines: firing.slice(0, linesMax).map(({ service, name: what, said }) => `${service ?? '-'}: ${what}: ${said}`),
  };
}
