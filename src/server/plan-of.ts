import type { Controller } from '../runtime/controller.ts';
import { recentTraffic } from '../runtime/traffic.ts';
import type { IncidentSetup } from '../spec/incident-setup.ts';
import { replicasOf } from '../spec/replicas.ts';
import type { ServiceSpec } from '../spec/types.ts';
import { unknownReaders } from '../spec/unknown-readers.ts';
import { type PlanView, planView } from '../views/plan-view.ts';

type Surroundings = { readonly controller: Controller; readonly setup: { readonly setup: IncidentSetup } };
type Planned = {
  readonly spec: ServiceSpec;
  readonly version: string;
  /** Said by who asks; undefined: what is measured. */
  readonly requestsPerSecond?: number | undefined;
  readonly group?: Parameters<typeof planView>[6];
};

/** The plan of a release beside what the controller knows: the stable version, its traffic, and who can be told. */
export async function planOf(
  { controller, setup }: Surroundings,
  { spec, version, requestsPerSecond, group }: Planned,
): Promise<PlanView> {
  const stable = controller.service(spec.name)?.stable ?? null;
  const measured = await recentTraffic(controller, spec.name);
  // Another rate than the measured one says nothing against the measured errors and latency.
  const traffic = requestsPerSecond === undefined ? measured : { errorPpm: null, histogram: [], ...measured, requestsPerSecond };
  const replicas = stable ? replicasOf(stable.spec) : undefined;
  const view = planView(spec, stable?.version ?? null, version, traffic, stable?.spec.release, replicas, group);
  return { ...view, warnings: [...view.warnings, ...unknownReaders(spec.release, setup.setup)] };
}
