import type { ServiceTraffic } from '../../analysis/sight/step.ts';
import { worstCost } from '../../analysis/sight/worst-cost.ts';
import { percentText, thousands } from '../../analysis/wording.ts';
import { messageOf } from '../../errors.ts';
import type { ServiceState } from '../../release/types.ts';
import { slotS } from '../../slo/windows.ts';
import type { GateCondition, HookAction } from '../../spec/types.ts';
import { durationText } from '../../spec/unit-text.ts';
import type { BudgetView } from '../../views/objective-view.ts';
import type { Gates, HookOutcome } from '../ports.ts';
import type { ChecklistGates } from '../readiness/gates.ts';
import type { ObjectiveKeeper } from './objective-keeper.ts';
import type { RunningObjective } from './running-objective.ts';
import { verifyObjective } from './verify.ts';

/** How long a gate waits for counts that are on their way, and how often it looks. */
const waitMaxMs = 25_000;
const waitMs = 500;
const slotMs = slotS * 1_000;
/** Stable's past that the guard remembers when a step begins, in seconds. */
const rememberedS = 300;

export type GateWorld = {
  readonly objectives: ObjectiveKeeper;
  readonly service: (name: string) => ServiceState | undefined;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly traffic: (service: string) => Promise<ServiceTraffic | null>;
  /** What is left of the budget of an objective. */
  readonly budget: (running: RunningObjective) => BudgetView;
  /** What a checklist says, or a drill on the router. */
  readonly checklists: ChecklistGates;
  /** Open alerts of an objective, in words. */
  readonly firing: (running: RunningObjective) => readonly string[];
};

/** What objectives say to a release. What is not known passes nothing. */
export function gatesOf(world: GateWorld): Gates {
  return async (action, service, signal) => {
    try {
      if (action.kind === 'checklist' || action.kind === 'drill') return await world.checklists(action, service, signal);
      return action.kind === 'gate'
        ? await askObjectives(world, action, service, signal)
        : await askBudget(world, action, service);
    } catch (error) {
      return { ok: false, detail: messageOf(error) };
    }
  };
}

/** The objectives of a service that a gate asks. */
export function askedObjectives(
  world: Pick<GateWorld, 'objectives'>,
  slo: readonly string[] | null,
  service: string,
): readonly RunningObjective[] | string {
  const all = world.objectives.all.filter(({ known }) => known.service === service);
  if (slo === null) return all.length > 0 ? all : `${service} has no objective`;
  const missing = slo.find((name) => !all.some(({ objective }) => objective.name === name));
  if (missing === undefined) return all.filter(({ objective }) => slo.includes(objective.name));
  const there = all.map(({ objective }) => objective.name).join(', ');
  return `${service} has no objective ${missing}; it has ${there === '' ? 'none' : there}`;
}

async function askObjectives(
  world: GateWorld,
  { slo, windowMs, leftPpm }: GateCondition,
  service: string,
  signal: AbortSignal,
): Promise<HookOutcome> {
  const nowMs = world.objectives.nowMs();
  const asked = askedObjectives(world, slo, service);
  if (typeof asked === 'string') return { ok: false, detail: asked };
  // The last seconds of the window are counted a moment later.
  const isBehind = (): boolean => asked.some(({ sums }) => sums.knownToS * 1_000 < nowMs - (nowMs % slotMs));
  for (let waited = 0; waited < waitMaxMs && isBehind() && !signal.aborted; waited += waitMs) await world.wait(waitMs, signal);
  const found = asked.map((running) => {
    const reasons: string[] = [];
    if (windowMs !== null) {
      const { ok, said } = verifyObjective(world.objectives, running, windowMs, nowMs - (nowMs % slotMs));
      if (!ok) return { ok, said };
      reasons.push(said);
    } else {
      const firing = world.firing(running);
      if (firing.length > 0) return { ok: false, said: `${running.objective.name}: ${firing.join('; ')}` };
    }
    const left = world.budget(running).leftOfAllowance;
    const wanted = leftPpm ?? (windowMs === null ? 1 : null);
    if (wanted === null) return { ok: true, said: reasons.join('; ') };
    const said = `${running.objective.name}: ${left === null ? 'nothing is known of its budget' : `${percentText(Math.round(left * 1e6))} of the budget left`}`;
    const ok = left !== null && left * 1e6 >= wanted;
    return { ok, said: ok || leftPpm === null ? said : `${said}, ${percentText(leftPpm)} are asked for` };
  });
  const bad = found.filter(({ ok }) => !ok);
  return { ok: bad.length === 0, detail: (bad.length > 0 ? bad : found).map(({ said }) => said).join('; ') };
}

/** Events per second of the last minutes. */
function recentRate(objectives: ObjectiveKeeper, id: string): number {
  const nowMs = objectives.nowMs();
  return objectives.between(id, nowMs - rememberedS * 1_000, nowMs).total / rememberedS;
}

async function askBudget(
  world: GateWorld,
  action: Extract<HookAction, { kind: 'budget' }>,
  service: string,
): Promise<HookOutcome> {
  const { percent, forMs, keepPpm } = action;
  const asked = world.objectives.of(service).filter(({ objective }) => !objective.slices);
  const live = world.service(service)?.live;
  if (asked.length === 0) return { ok: false, detail: `${service} has no objective whose budget could bear anything` };
  const alone = await world.traffic(service);
  // Stable has only a part of the requests while a candidate has the others.
  const together = Math.max(...asked.map(({ id }) => recentRate(world.objectives, id)));
  const traffic = alone && { ...alone, requestsPerSecond: Math.max(alone.requestsPerSecond, together) };
  if (!traffic || !live) return { ok: false, detail: 'the traffic of stable is not known, so nor is what the step may cost' };
  const costAt = (running: RunningObjective, weight: number) =>
    worstCost(
      {
        traffic,
        weight,
        stepS: Math.max(1, forMs / 1_000),
        stepsBefore: 0,
        historyRequests: traffic.requestsPerSecond * rememberedS,
        policy: live.plan.guard,
      },
      running.objective,
    );
  const sentences: string[] = [];
  let fits = percent;
  let isKnown = true;
  for (const running of asked) {
    const { allowedEvents, leftEvents } = world.budget(running);
    const cost = costAt(running, percent);
    const { name } = running.objective;
    if (cost === null || leftEvents === null) {
      isKnown = false;
      sentences.push(`${name}: what it may cost is not known`);
      continue;
    }
    const spare = leftEvents - (allowedEvents * keepPpm) / 1e6;
    const most = `at worst ${Math.ceil(cost.events)} bad events at ${percent} % of ${Number(traffic.requestsPerSecond.toPrecision(3))} requests/s (${percentText(cost.risePpm)} more of them for ${durationText(Math.ceil(cost.seconds) * 1_000)})`;
    const left = `${thousands(Math.max(0, Math.floor(leftEvents)))} of ${thousands(Math.floor(allowedEvents))} are left${keepPpm > 0 ? `, ${percentText(keepPpm)} are to stay` : ''}`;
    if (cost.events <= spare) sentences.push(`${name}: ${most}, ${left}`);
    else {
      // What a step costs does not grow evenly with its weight: less traffic shows less.
      let bearable = 0;
      for (let weight = Math.min(fits, percent) - 1; weight >= 1 && bearable === 0; weight -= 1)
        if ((costAt(running, weight)?.events ?? Number.POSITIVE_INFINITY) <= spare) bearable = weight;
      fits = Math.min(fits, bearable);
      sentences.unshift(
        `the budget of ${name} cannot bear it: ${most}, ${left}${bearable > 0 ? `; ${bearable} % would fit` : ''}`,
      );
    }
  }
  const ok = isKnown && fits >= percent;
  return { ok, detail: sentences.join('; '), ...(ok || !isKnown ? {} : { fits }) };
}
