import { percentText } from '../analysis/wording.ts';
import type { StatusComponentSpec } from '../spec/status-page.ts';
import { type ComponentState, componentStates, type Impact, type ServiceReading } from './types.ts';

/** Fewer failed requests than this in the span say nothing yet: they may be one user's. */
const failedMin = 5;

/**
 * How a component is, from what is measured of its users: as bad as the worst of its services. Where nothing is known it is as it was:
 * ignorance neither alarms customers nor calms them.
 *
 * @param before - How it was; null: it is new.
 */
export function impactOf(
  component: Pick<StatusComponentSpec, 'services' | 'partialPpm' | 'majorPpm'>,
  readings: readonly ServiceReading[],
  before: ComponentState | null,
): Impact {
  const judged = component.services.map((service) => {
    const reading = readings.find((one) => one.service === service);
    return reading ? judge(reading, component) : null;
  });
  const known = judged.filter((one) => one !== null);
  const worst = known.toSorted((a, b) => gravity(b.state) - gravity(a.state))[0];
  const proofs = known.flatMap(({ knownAtMs }) => knownAtMs ?? []);
  const provenAtMs = proofs.length === judged.length ? Math.min(...proofs) : null;
  // What is bad is bad, whatever is not known of the others; what is well is well only where everything is known.
  if (worst && (worst.state !== 'operational' || known.length === judged.length))
    return { state: worst.state, said: worst.said, provenAtMs };
  const state = before ?? 'operational';
  return {
    state,
    said: { en: 'nothing is known of its users at the moment', ru: 'сейчас ничего не известно о её пользователях' },
    provenAtMs: null,
  };
}

/** How bad a state is: 0 is well. */
export function gravity(state: ComponentState): number {
  return componentStates.indexOf(state);
}

/** The worst of some states; of none: all is well. */
export function worstOf(states: readonly ComponentState[]): ComponentState {
  return componentStates[Math.max(0, ...states.map(gravity))] ?? 'operational';
}

type Judged = { readonly state: ComponentState; readonly said: Impact['said']; readonly knownAtMs: number | null };

/** Null: nothing is known of it. */
function judge(reading: ServiceReading, limits: Pick<StatusComponentSpec, 'partialPpm' | 'majorPpm'>): Judged | null {
  const { service, requests, isServing, isSlow, isFailing, knownAtMs } = reading;
  if (isServing === false)
    return {
      state: 'major_outage',
      said: { en: `no instance of ${service} answers`, ru: `ни один экземпляр ${service} не отвечает` },
      knownAtMs,
    };
  if (requests === null || knownAtMs === null) return null;
  const said = failedText(service, requests);
  const enough = requests.failed >= failedMin;
  const isAbove = (ppm: number): boolean => enough && requests.failed * 1_000_000 > ppm * requests.all;
  if (isAbove(limits.majorPpm)) return { state: 'major_outage', said, knownAtMs };
  if (isAbove(limits.partialPpm)) return { state: 'partial_outage', said, knownAtMs };
  if (isFailing) return { state: 'degraded_performance', said, knownAtMs };
  if (isSlow)
    return {
      state: 'degraded_performance',
      said: { en: `${service} answers more slowly than it should`, ru: `${service} отвечает медленнее, чем должен` },
      knownAtMs,
    };
  return { state: 'operational', said, knownAtMs };
}

function failedText(service: string, { all, failed, spanMs }: NonNullable<ServiceReading['requests']>): Impact['said'] {
  const minutes = Math.round(spanMs / 60_000);
  if (all === 0)
    return { en: `${service}: no requests in ${minutes} min`, ru: `${service}: ни одного запроса за ${minutes} мин` };
  const share = percentText(Math.round((failed / all) * 1_000_000));
  return {
    en: `${service}: ${failed} of ${all} requests failed in ${minutes} min (${share})`,
    ru: `${service}: не удались ${failed} из ${all} запросов за ${minutes} мин (${share})`,
  };
}
