import type { VersionShare } from '../../alerts/types.ts';
import { sumOf } from '../../slo/events.ts';
import { allowedRatio, factorOf, isAbove, thresholdOf } from '../../slo/policy.ts';
import { compare, over, rational, toNumber } from '../../slo/rational.ts';
import { countsIn, countsWithin, isIn, type Piece, piecesOf, thinned } from './cells.ts';
import { changePoint } from './change-point.ts';
import type { ChangePoint, Help, Measure, MeasuredObjective, MeasureInput, ObjectiveImpact, SpanCounts } from './types.ts';

/** The time before an incident that says what is usual: as long as it was, within these bounds. */
const baselineMinMs = 3_600_000;
const baselineMaxMs = 86_400_000;
/** Pieces of the story that are kept on record. */
const seriesMax = 120;

/** How often an incident may come again and be followed to its last end. */
const timesMax = 100;

type Action = MeasureInput['actions'][number];

/**
 * What users have suffered in an incident, from counts alone, in integers.
 *
 * When it began and ended is the earliest and the latest change of the objectives whose alerts it has, or of all where it has none; where counts show none, or a
 * person has said when it began, what is on record counts. What the guard of a release has seen before that is a beginning, too.
 */
export function measureIncident(input: MeasureInput): Measure {
  const pieces = new Map(input.objectives.map((one) => [one, piecesOf(one.cells)]));
  const noticed = input.objectives.filter(({ tier }) => tier !== null);
  const alerting = (noticed.length > 0 ? noticed : input.objectives).map((one) => pieces.get(one) ?? []);
  const from = Math.min(input.startedAtMs, input.detectedAtMs - input.lookBackMs);
  const counted = input.isStartGiven
    ? null
    : extreme(
        alerting.map((all) => startIn(all, from, input.detectedAtMs)),
        'first',
      );
  // The guard counts by the second and by version, so it may see what is not to be seen yet in cells of all versions.
  const isGuarded = counted !== null && input.guardedFromMs !== null && input.guardedFromMs < counted.atMs;
  const start = isGuarded ? null : counted;
  const startedAtMs = Math.min(isGuarded ? (input.guardedFromMs ?? 0) : (start?.atMs ?? input.startedAtMs), input.detectedAtMs);
  const end = extreme(
    alerting.map((all) => endIn(all, startedAtMs, input)),
    'last',
  );
  const endedAtMs = Math.max(end?.atMs ?? input.endedAtMs, startedAtMs);
  return {
    startedAtMs,
    endedAtMs,
    start,
    end,
    objectives: input.objectives
      .map((one) => impactOf(one, pieces.get(one) ?? [], { startedAtMs, endedAtMs }, input))
      .sort((a, b) => compare(share(b), share(a)) || (a.id < b.id ? -1 : 1)),
  };
}

/** Bad events against those that a whole period allows. */
function share({ targetPpm, expected, during }: ObjectiveImpact) {
  const allowed = allowedRatio({ targetPpm });
  return allowed.n === 0n ? rational(during.bad) : over(rational(during.bad, Math.max(1, expected)), allowed);
}

function startIn(pieces: readonly Piece[], fromMs: number, toMs: number): ChangePoint | null {
  return changePoint(
    pieces.filter((piece) => isIn(piece, fromMs, toMs)),
    'up',
  );
}

/** The last time that it fell. What fell and has risen again before the incident was over has come again. */
function endIn(pieces: readonly Piece[], fromMs: number, { endedAtMs, overAtMs }: MeasureInput): ChangePoint | null {
  const fallIn = (sinceMs: number) =>
    changePoint(
      pieces.filter((piece) => isIn(piece, sinceMs, overAtMs)),
      'down',
    );
  let end = fallIn(fromMs);
  for (let times = 0; end !== null && times < timesMax; times += 1) {
    const again = startIn(pieces, end.atMs, endedAtMs);
    if (again === null || again.atMs <= end.atMs) return end;
    end = fallIn(again.atMs);
  }
  return end;
}

function extreme(points: readonly (ChangePoint | null)[], which: 'first' | 'last'): ChangePoint | null {
  const found = points.filter((one) => one !== null).sort((a, b) => a.atMs - b.atMs);
  return found.at(which === 'first' ? 0 : -1) ?? null;
}

function impactOf(
  objective: MeasuredObjective,
  pieces: readonly Piece[],
  { startedAtMs, endedAtMs }: { readonly startedAtMs: number; readonly endedAtMs: number },
  { detectedAtMs, actions }: MeasureInput,
): ObjectiveImpact {
  const { id, name, targetPpm, windowMs, expected, tier, cells } = objective;
  const during = countsIn(pieces, startedAtMs, endedAtMs);
  const inside = pieces.filter((piece) => isIn(piece, startedAtMs, endedAtMs));
  const baselineMs = Math.min(baselineMaxMs, Math.max(baselineMinMs, endedAtMs - startedAtMs));
  const baseline = countsWithin(pieces, during.fromMs - baselineMs, during.fromMs);
  const allowed = allowedRatio({ targetPpm });
  const ms = (some: readonly Piece[]) => some.reduce((sum, { fromS, toS }) => sum + (toS - fromS) * 1_000, 0);
  const out = cells.filter((cell) => cell.isLeftOut && isIn(cell, startedAtMs, endedAtMs));
  return {
    id,
    name,
    targetPpm,
    windowMs,
    expected,
    during,
    versions: versionsOf(objective, inside),
    baseline: baseline.total === 0 ? null : baseline,
    beforeDetected: countedBy(inside, startedAtMs, Math.min(detectedAtMs, endedAtMs)),
    knownMs: ms(inside.filter(({ total }) => total > 0)),
    missedMs: ms(inside.filter((piece) => isAbove(piece, allowed))),
    cellS: inside.reduce((most, { fromS, toS }) => Math.max(most, toS - fromS), 0),
    leftOut: sumOf(out),
    help: tier === null ? [] : actions.map((action) => helpOf(action, nextOf(action, actions), pieces, objective, tier)),
    series: thinned(
      pieces.filter(({ fromS, toS }) => toS * 1_000 > during.fromMs - baselineMs && fromS * 1_000 < during.toMs + baselineMinMs),
      seriesMax,
    ),
  };
}

/** What was counted by some moment, to the nearest cell; the first one belongs to it in any case. */
function countedBy(inside: readonly Piece[], fromMs: number, toMs: number): SpanCounts {
  const by = inside.filter(({ fromS, toS }, index) => index === 0 || (fromS + toS) * 500 < toMs);
  const [first, last] = [by[0], by.at(-1)];
  return { fromMs: (first?.fromS ?? fromMs / 1_000) * 1_000, toMs: (last?.toS ?? toMs / 1_000) * 1_000, ...sumOf(by) };
}

/** Sums of the very cells that `during` is the sum of. */
function versionsOf({ cells }: MeasuredObjective, inside: readonly Piece[]): readonly VersionShare[] {
  const counted = new Set(inside.map(({ fromS, toS }) => `${fromS}-${toS}`));
  const sums = new Map<string, { bad: number; total: number }>();
  for (const { fromS, toS, version, isLeftOut, bad, total } of cells) {
    if (isLeftOut || !counted.has(`${fromS}-${toS}`)) continue;
    const sum = sums.get(version) ?? { bad: 0, total: 0 };
    sums.set(version, { bad: sum.bad + bad, total: sum.total + total });
  }
  if (sums.size === 0 || sums.has('')) return [];
  return [...sums]
    .map(([version, sum]) => ({ version, ...sum }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.bad - a.bad || b.total - a.total || (a.version < b.version ? -1 : 1));
}

/** When the next action begins: what happens from then on may be its merit. */
function nextOf({ endedAtMs }: Action, actions: readonly Action[]): number {
  return Math.min(Number.POSITIVE_INFINITY, ...actions.map(({ begunAtMs }) => begunAtMs).filter((ms) => ms >= endedAtMs));
}

function helpOf(
  { id, begunAtMs, endedAtMs }: Action,
  nextMs: number,
  pieces: readonly Piece[],
  objective: MeasuredObjective,
  tier: NonNullable<MeasuredObjective['tier']>,
): Help {
  const threshold = thresholdOf(tier, objective);
  // The cell in which the action ended has events of before: it belongs to neither side.
  const before = countsWithin(pieces, begunAtMs - tier.shortMs, begunAtMs);
  const after = countsWithin(pieces, endedAtMs, Math.min(nextMs, endedAtMs + tier.shortMs));
  const verdict =
    before.total === 0 || after.total === 0
      ? null
      : !isAbove(before, threshold)
        ? 'not-needed'
        : isAbove(after, threshold)
          ? 'no-help'
          : 'helped';
  return {
    action: id,
    tier: tier.name,
    factor: toNumber(factorOf(tier, objective)),
    shortMs: tier.shortMs,
    before,
    after,
    verdict,
  };
}
