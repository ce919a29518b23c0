import type { OwnObjective, OwnRelease, OwnView } from '../../checks/own-view.ts';
import { Evaluator } from '../../flags/evaluation.ts';
import type { Flag, FlagsState } from '../../flags/types.ts';
import { offVariant } from '../../flags/variants.ts';
import { findings, type OnCallSetup } from '../../incidents/on-call/findings.ts';
import { readyEndpoints } from '../../release/levels.ts';
import { phaseName, weightOf } from '../../release/phase-name.ts';
import type { ReleaseState, ServiceState } from '../../release/types.ts';
import { budgetOf } from '../../slo/budget.ts';
import { toNumber } from '../../slo/rational.ts';
import type { AlertsRecorded } from '../alerts/alert-records.ts';
import type { Clock } from '../clock.ts';
import type { Controller } from '../controller.ts';
import type { ObjectiveKeeper } from '../objectives/objective-keeper.ts';
import { verifyObjective } from '../objectives/verify.ts';
import { drill } from './drill.ts';

/** What of a controller the view reads. */
export type OwnParts = {
  readonly controller: Controller;
  readonly objectives: ObjectiveKeeper;
  readonly alerts: Pick<AlertsRecorded, 'state'>;
  /** The flags that are in force now. */
  readonly flags: () => FlagsState;
  /** Who is on call, with what stands beside the documents. */
  readonly onCall: { readonly setup: OnCallSetup };
  readonly clock: Clock;
};

/**
 * What a controller knows about one of its services; null: it has none of this name. Everything is read when it is asked for, but for
 * the document: that in force now.
 */
export function ownViewOf(parts: OwnParts, service: string): OwnView | null {
  const { controller, objectives, alerts } = parts;
  const state = (): ServiceState | undefined => controller.service(service);
  const spec = specOf(state());
  if (!spec) return null;
  return {
    spec,
    objectives: async () =>
      objectives.of(service).map((running): OwnObjective => {
        const found = verifyObjective(objectives, running, running.objective.windowMs);
        const met = found.state === 'ok' ? true : found.state === 'breaching' ? false : null;
        const left = budgetOf(running.objective, found, found.total).ofObserved;
        const budgetLeftPpm = left === null ? null : Math.floor(toNumber(left) * 1_000_000);
        return { name: running.objective.name, targetPpm: found.targetPpm, met, budgetLeftPpm, sentence: found.said };
      }),
    alerts: () =>
      [...alerts.state.open.values()]
        .filter((alert) => alert.service === service && (alert.state === 'firing' || alert.state === 'recovering'))
        .map(({ name, urgency, firedAtMs, pendingAtMs }) => ({ name, urgency, sinceMs: firedAtMs ?? pendingAtMs })),
    flags() {
      const now = parts.flags();
      const evaluator = new Evaluator(now);
      return [...now.flags.values()].map((flag) => ({ set: flag.set, key: flag.key, ...givenBy(flag, evaluator) }));
    },
    onCall(fromMs, untilMs) {
      const { setup } = parts.onCall;
      const names = (all: readonly { readonly name: string }[]): readonly string[] => all.map(({ name }) => name);
      const found = findings(setup, fromMs, untilMs);
      return { schedules: names(setup.schedules), policies: names(setup.policies), findings: found };
    },
    release() {
      const live = state()?.live;
      return live ? releaseOf(live) : null;
    },
    instances(version) {
      const now = state();
      const wanted = version ?? now?.stable?.version;
      if (!now || wanted === undefined) return [];
      return readyEndpoints(now.instances[wanted] ?? []).map(({ host, port }) => {
        const shown = host.includes(':') ? `[${host}]` : host;
        return `http://${shown}:${port}`;
      });
    },
    drill: (ppm, signal) => drill(parts, service, ppm, signal),
  };
}

function specOf(state: ServiceState | undefined) {
  return state?.stable?.spec ?? state?.live?.spec ?? null;
}

/** What users get who say nothing of themselves. Where a share of the users has it, that depends on who asks: null, and it is on. */
function givenBy(flag: Flag, evaluator: Evaluator): { readonly isOn: boolean; readonly variant: string | null } {
  const evaluation = evaluator.evaluate(flag.key, {});
  if (evaluation.kind === 'value') return { isOn: evaluation.variant !== offVariant(flag.spec), variant: evaluation.variant };
  return { isOn: evaluation.code === 'TARGETING_KEY_MISSING', variant: null };
}

function releaseOf(release: ReleaseState): OwnRelease {
  const { id, plan, version, exposedAtMs, totals, verdict } = release;
  return {
    id,
    state: phaseName(release),
    stable: plan.stable,
    candidate: version,
    weightPpm: Math.round(weightOf(release) * 10_000),
    trafficSinceMs: exposedAtMs,
    requests: totals.candidate.requests,
    errors: totals.candidate.errors,
    verdict: verdict && { kind: verdict.kind, sentence: verdict.sentence },
  };
}
