import type { CanaryStep, Hook, ServiceSpec, Strategy } from '../../src/spec/types.ts';
import type { drawChecklists } from './checklists.ts';
import { drawDatabase } from './database.ts';
import { good, type Nature } from './instances.ts';
import type { Random } from './random.ts';
import { simulatedService } from './spec.ts';

/** A strategy that changes the number of instances as it goes, and how many there are in all. */
export type Sharing = { readonly policy: Strategy; readonly replicas: number };

/** What a release of a history is made of beside its own draws. */
export type Given = {
  readonly version: string;
  readonly checklists: ReturnType<typeof drawChecklists>;
  readonly sharing: Sharing | null;
  readonly database: Random | null;
};

/** The document of one release. */
export function drawSpec({ chance, pick, between }: Random, { version, checklists, sharing, database }: Given): ServiceSpec {
  const hook: Hook = {
    name: 'migrate',
    action: { kind: 'command', command: ['migrate'] },
    timeoutMs: 5_000,
    attempts: between(1, 2),
    compensate: { kind: 'command', command: ['undo'] },
  };
  const spec = simulatedService();
  const { strategy } = spec.release;
  const extras: readonly CanaryStep[] = [
    ...(chance(0.3) ? [{ kind: 'hook' as const, hook }] : []),
    ...(chance(0.1) ? [{ kind: 'pause' as const, ms: pick([null, 3_000]) }] : []),
    ...(chance(0.1) ? [{ kind: 'approve' as const, expiresMs: 20_000 }] : []),
  ];
  const steps = strategy.kind === 'canary' ? strategy.steps : [];
  const chosen: Strategy = chance(0.15)
    ? { kind: 'blueGreen', test: null, approve: null, hook: chance(0.3) ? hook : null, keepMs: 5_000 }
    : { kind: 'canary', steps: [...steps.slice(0, 1), ...extras, ...steps.slice(1)] };
  const strategyOf = sharing?.policy ?? chosen;
  const replicas = sharing ? { target: { ...spec.target, config: { replicas: sharing.replicas } } } : {};
  const retire = { afterMs: pick([0, 0, 6_000]) };
  const approval = chance(0.1) ? { expiresMs: 30_000 } : null;
  const smoke = chance(0.3) ? [{ path: '/', method: 'GET', status: 200, timeoutMs: 1_000, contains: null }] : [];
  return {
    ...spec,
    ...replicas,
    release: {
      ...spec.release,
      strategy: strategyOf,
      smoke,
      retire,
      approval: version === '1.0.0' ? null : approval,
      ...(version === '1.0.0' ? {} : checklists),
      ...(database ? { database: drawDatabase(database, version) } : {}),
    },
  };
}

/** A canary that begins with one instance and grows, to all of the traffic or to a switch. */
function pickSized(replicas: number, isSwitched: boolean): Sharing {
  const watch = { minMs: 10_000, maxMs: 30_000, minRequests: 0 };
  return {
    replicas,
    policy: {
      kind: 'canary',
      steps: [
        { kind: 'weight', weightPpm: 100_000, replicas: { count: 1 }, ...watch },
        { kind: 'weight', weightPpm: 500_000, replicas: { sharePpm: 500_000 }, ...watch },
      ],
      ...(isSwitched ? { switch: { test: null, approve: null, hook: null, keepMs: 5_000 } } : {}),
    },
  };
}

/** Every way to make room: none, one, several instances, at once or by and by. */
export function pickSharing({ pick, between, chance }: Random): Sharing {
  if (chance(0.3)) return pickSized(pick([2, 3, 4]), chance(0.5));
  const replicas = between(1, 5);
  const surge = between(replicas === 1 ? 1 : 0, 2);
  return {
    replicas,
    policy: {
      kind: 'rolling',
      batch: pick([{ count: 1 }, { count: 2 }, { sharePpm: 500_000 }]),
      maxUnavailable: { count: surge === 0 ? between(1, 2) : between(0, 1) },
      maxSurge: { count: surge },
      watch: { minMs: 10_000, maxMs: 30_000, minRequests: 0 },
      approve: chance(0.1) ? { expiresMs: 20_000 } : null,
    },
  };
}

/** What the second version is like. */
export function pickNature({ pick, between }: Random): { name: string; nature: Nature } {
  return pick([
    { name: 'good', nature: good },
    { name: 'good', nature: good },
    { name: 'failing one in five', nature: { ...good, errorShare: 0.2 } },
    { name: 'failing one in two, late', nature: { ...good, errorShare: 0.5, faultAfterMs: between(5_000, 25_000) } },
    { name: 'never ready', nature: { ...good, readyAfterMs: null } },
    { name: 'crashing at once', nature: { ...good, crashAfterMs: 200 } },
    { name: 'crashing later', nature: { ...good, crashAfterMs: between(3_000, 40_000) } },
    { name: 'slow', nature: { ...good, latencyMs: 900 } },
  ]);
}
