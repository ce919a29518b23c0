import type { ObjectiveImpact } from '../../incidents/impact/types.ts';
import { allowedRatio } from '../../slo/policy.ts';
import { over, type Rational, rational, times, toNumber } from '../../slo/rational.ts';
import { offersOf } from './offers.ts';
import { learnedProposals, provenProposals } from './proposals.ts';
import type { Clock, Detection, DoneAction, ImpactLine, PostMortem, PostMortemInput, TimelineEntry } from './types.ts';

/**
 * What is known of an incident, worked out. Causes and lessons are left to people: what the record cannot prove is null or empty.
 */
export function postMortem(input: PostMortemInput): PostMortem {
  const { incident, entries, measure, review, release } = input;
  const impact = measure?.objectives.map(impactLine) ?? [];
  const clocks = clocksOf(input);
  const startedAtMs = clocks[0]?.atMs ?? incident.startedAtMs;
  const known = {
    incident: incident.id,
    title: incident.title,
    severity: incident.severity,
    service: incident.service,
    state: incident.state,
    asOfMs: Math.max(incident.openedAtMs, ...entries.map(({ atMs }) => atMs)),
    clocks,
    impact,
    detection: detectionOf(input, startedAtMs, impact),
    actions: incident.actions.map(
      (action): DoneAction => ({ ...action, help: helpOf(action.id, impact), seq: endSeq(action.endedAtMs, entries) }),
    ),
    responders: incident.told.map((told) => ({ ...told, lagMs: told.atMs - startedAtMs })),
    ackedMs: ackedMs(input),
    updates: input.updates.map((update) => ({ ...update, lagMs: update.atMs - startedAtMs })),
    release,
    causes: input.causes,
    review,
    narration: input.narration,
    entries,
    entriesLeftOut: input.entriesLeftOut,
  };
  const proposals = [...learnedProposals(input.lessons), ...provenProposals(known, input)].toSorted((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  return { ...known, offers: offersOf(known, input), proposals };
}

/** The four clocks, and when somebody took it. Lags are from the beginning. */
function clocksOf({ incident, measure, entries }: PostMortemInput): readonly Clock[] {
  const first = (kind: string) => entries.find((entry) => entry.kind === kind)?.seq ?? null;
  const last = (kind: string) => entries.findLast((entry) => entry.kind === kind)?.seq ?? null;
  const startedAtMs = measure?.startedAtMs ?? incident.startedAtMs;
  const recorded = incident.mitigatedAtMs ?? incident.resolvedAtMs;
  const endedAtMs = recorded === null ? null : (measure?.endedAtMs ?? recorded);
  const clock = (name: Clock['name'], atMs: number | null, seq: number | null): Clock => ({
    name,
    atMs,
    lagMs: atMs === null ? null : atMs - startedAtMs,
    basis: atMs === null ? null : 'record',
    change: null,
    // An end before it came again is none.
    seq: atMs === null ? null : seq,
  });
  const { start = null, end = null } = measure ?? {};
  return [
    {
      ...clock('started', startedAtMs, last('incident-start-corrected')),
      basis: start ? 'counts' : incident.startedBy === null ? 'record' : 'person',
      change: start,
    },
    clock('detected', incident.openedAtMs, first('incident-opened')),
    clock('told', incident.toldAtMs, toldSeq(entries, incident.toldAtMs)),
    clock('acknowledged', incident.acknowledgedAtMs, first('incident-acknowledged')),
    clock('mitigated', incident.mitigatedAtMs, last('incident-mitigated')),
    {
      ...clock('ended', endedAtMs, last('incident-resolved') ?? last('incident-mitigated')),
      basis: endedAtMs === null ? null : end ? 'counts' : 'record',
      change: endedAtMs === null ? null : end,
    },
  ];
}

/** The record of the first receiver's yes. */
function toldSeq(entries: readonly TimelineEntry[], toldAtMs: number | null): number | null {
  return entries.find(({ kind, atMs }) => kind === 'incident-told' && atMs === toldAtMs)?.seq ?? null;
}

/** What follows from the integers of one objective, as exact as they are. */
export function impactLine(counts: ObjectiveImpact): ImpactLine {
  const { during, baseline, versions, targetPpm, expected } = counts;
  const allowance = times(allowedRatio({ targetPpm }), rational(expected));
  const ofBudget = (bad: Rational): number | null => (allowance.n === 0n ? null : toNumber(over(bad, allowance)));
  const usual = baseline && times(rational(during.total), rational(baseline.bad, baseline.total));
  const expectedBad = usual && toNumber(usual);
  const excessBad = expectedBad === null ? null : Math.max(0, during.bad - expectedBad);
  return {
    counts,
    expectedBad,
    excessBad,
    allowed: toNumber(allowance),
    ofBudget: ofBudget(rational(during.bad)),
    excessOfBudget: excessBad === null || allowance.n === 0n ? null : excessBad / toNumber(allowance),
    byVersion: versions.map((one) => ({ ...one, ofBudget: ofBudget(rational(one.bad)) })),
  };
}

function detectionOf(
  { incident, measure }: PostMortemInput,
  startedAtMs: number,
  impact: readonly ImpactLine[],
): Detection | null {
  const [alert] = incident.alerts.toSorted((a, b) => a.firedAtMs - b.firedAtMs);
  if (!alert) return null;
  const line = impact.find(({ counts }) => alert.key.startsWith(`${counts.id}/`)) ?? null;
  const before = line?.counts.beforeDetected ?? null;
  return {
    alert: alert.name,
    said: alert.said,
    origin: alert.origin,
    latencyMs: measure?.start || incident.startedBy !== null ? incident.openedAtMs - startedAtMs : null,
    before,
    ofBudget: line && before && line.allowed > 0 ? before.bad / line.allowed : null,
  };
}

function helpOf(action: string, impact: readonly ImpactLine[]): DoneAction['help'] {
  return impact.flatMap(({ counts }) =>
    counts.help.filter((help) => help.action === action).map((help) => ({ ...help, objective: counts.name })),
  );
}

function endSeq(endedAtMs: number | null, entries: readonly TimelineEntry[]): number | null {
  return entries.find(({ kind, atMs }) => kind === 'incident-action-ended' && atMs === endedAtMs)?.seq ?? null;
}

function ackedMs({ incident }: PostMortemInput): number | null {
  const { acknowledgedAtMs: from, resolvedAtMs: to } = incident;
  return from === null || to === null || to < from ? null : to - from;
}
