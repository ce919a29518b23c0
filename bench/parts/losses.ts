import type { Backends } from './backends.ts';
import type { Bound } from './figure.ts';
import type { Failure, UserCounts } from './users.ts';

/** A request that was cut off later than this was under way, and not just being sent. */
const underWayMs = 50;

/** What users who do not try twice have lost, by what became of it. The first four add up to `failed`. */
export type Losses = {
  readonly failed: number;
  /** Answered with 5xx, or by no version. */
  readonly httpErrors: number;
  /** Cut off in the middle of its answer, or while a version was at work on it. */
  readonly inFlightLost: number;
  /** On a connection that had served before, which was closed as it was being used again. */
  readonly idleResets: number;
  /** On a new connection that was refused or closed before a version had it. */
  readonly newResets: number;
  /** Of `idleResets`, those that a version received all the same: the router read them in the moment in which it hung up. */
  readonly idleResetsReceived: number;
};

/** Tells one kind of loss from another by what the versions have received. */
export async function lossesOf({ failures }: UserCounts, backends: Backends): Promise<Losses> {
  const unanswered = failures.filter(({ kind }) => kind === 'reused' || kind === 'fresh');
  const received = new Set(await backends.received(unanswered.map(({ number }) => number)));
  const isLost = ({ number, kind, ageMs }: Failure): boolean =>
    kind === 'broken' || (received.has(number) && (kind === 'fresh' || ageMs > underWayMs));
  const resets = failures.filter((failure) => failure.kind === 'reused' && !isLost(failure));
  return {
    failed: failures.length,
    httpErrors: failures.filter(({ kind }) => kind === 'status').length,
    inFlightLost: failures.filter(isLost).length,
    idleResets: resets.length,
    newResets: failures.filter((failure) => failure.kind === 'fresh' && !isLost(failure)).length,
    idleResetsReceived: resets.filter(({ number }) => received.has(number)).length,
  };
}

/** None at all; of a router that closes connections between two requests, none but those. */
export function lossLimits(resetsIdle: boolean): Readonly<Record<string, Bound>> {
  const none = { atMost: 0 };
  return resetsIdle ? { httpErrors: none, inFlightLost: none } : { failed: none };
}

export function lossText(losses: Losses, requests: number): string {
  const { failed, httpErrors, inFlightLost, idleResets, newResets, idleResetsReceived } = losses;
  const resets = `${idleResets} resets of idle connections${idleResets > 0 ? `, of which a version had received ${idleResetsReceived}` : ''}`;
  return `${failed} of ${requests} requests failed (${httpErrors} HTTP errors, ${inFlightLost} lost in flight, ${resets}, ${newResets} of new ones)`;
}
