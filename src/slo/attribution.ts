import type { Attribution, VersionShare } from '../alerts/types.ts';
import { differenceInterval } from '../analysis/confidence.ts';
import { percentText, spanText } from '../analysis/wording.ts';
import { stepText } from '../release/step-text.ts';
import type { ReleaseState, ServiceState } from '../release/types.ts';
import { eventsText } from './events.ts';

/** A release is in reach for at least so long after it has ended, however short the window is: counts come in late. */
const reachMinMs = 1_800_000;

/** The truth lies outside of the interval of a difference this often. */
const alpha = 0.05;

/**
 * Which release bad events come from, by joining them with what was released: evidence, with the numbers that would refute it. No guess:
 * without a release whose candidate had traffic in this time, that is the answer.
 *
 * @param versions - What each version did in the time.
 * @param fromMs - Beginning of the time: the long window of the alert, in unix milliseconds.
 */
export function attribute(
  service: ServiceState | undefined,
  versions: readonly VersionShare[],
  fromMs: number,
  nowMs: number,
): Attribution {
  const sorted = versions.filter(({ total }) => total > 0).toSorted((a, b) => b.bad - a.bad || b.total - a.total);
  const inReach = service ? releasesInReach(service, Math.min(fromMs, nowMs - reachMinMs)) : [];
  const release = inReach.find(({ version, plan }) => isWorse(version, plan.stable, sorted)) ?? inReach[0];
  if (!release) {
    const span = spanText(Math.max(nowMs - fromMs, reachMinMs) / 1_000);
    const named = sorted.length > 1 ? `: ${sorted.map(shareText).join('; ')}` : '';
    return {
      release: null,
      step: null,
      versions: sorted,
      said: `no release is in reach: none had traffic in the last ${span}${named}`,
    };
  }
  const { id, version, plan } = release;
  return {
    release: { id, version, stable: plan.stable },
    step: stepOf(release),
    versions: sorted,
    said: `${version} (release ${id}): ${compared(version, plan.stable, sorted)}`,
  };
}

/** Releases whose candidate had traffic since a moment: the one under way, and those that ended after it, the last one first. */
function releasesInReach({ live, ended }: ServiceState, fromMs: number): readonly ReleaseState[] {
  return [...(live ? [live] : []), ...ended].filter(
    ({ exposedAtMs, phase }) => exposedAtMs !== null && (phase.kind !== 'ended' || phase.atMs >= fromMs),
  );
}

/** Whether the difference between both versions is more than chance: the last release is not to blame for what the one before it did. */
function isWorse(candidate: string, stable: string | null, versions: readonly VersionShare[]): boolean {
  const [ours, theirs] = [candidate, stable].map((name) => versions.find(({ version }) => version === name));
  // A counter that is broken may say more bad events than there were.
  if (!ours || !theirs || ours.bad > ours.total || theirs.bad > theirs.total) return false;
  return intervalOf(ours, theirs).low > 0;
}

function intervalOf(ours: VersionShare, theirs: VersionShare) {
  return differenceInterval({ bad: ours.bad, n: ours.total }, { bad: theirs.bad, n: theirs.total }, alpha);
}

/** The step that the release is at, or at which it turned back. */
function stepOf({ phase, plan, exposedBy }: ReleaseState): Attribution['step'] {
  const index = phase.kind === 'stepping' || phase.kind === 'held' ? phase.step : exposedBy;
  const step = plan.steps[index];
  return step ? { index, text: stepText(step, plan.stable) } : null;
}

function compared(candidate: string, stable: string | null, versions: readonly VersionShare[]): string {
  const [ours, theirs] = [candidate, stable].map((name) => versions.find(({ version }) => version === name));
  const others = versions.filter((one) => one !== ours && one !== theirs);
  const said = (text: string) => [text, ...others.map(shareText)].join('; ');
  if (versions.length === 0) return 'what each version did is not known';
  if (!ours) return said(`it had no requests in this time${theirs ? `; ${shareText(theirs)}` : ''}`);
  if (!theirs) return said(`${shareText(ours)}, and nothing beside it to compare with`);
  const both = `${shareText(ours)}, ${shareText(theirs)}`;
  const { low, high } = intervalOf(ours, theirs);
  const range = `${percentText(low * 1e6)} to ${percentText(high * 1e6)} (95 %)`;
  if (low > 0) return said(`it fails more: ${both}, a difference of ${range}`);
  if (high < 0) return said(`it fails less: ${both}, a difference of ${range}; look elsewhere`);
  return said(`it is not shown to fail more: ${both}, a difference of ${range}; look elsewhere, too`);
}

function shareText(share: VersionShare): string {
  return `${share.version} ${eventsText(share)}`;
}
