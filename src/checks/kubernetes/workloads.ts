import { parsedSelector, selects } from '../../kubernetes/label-selector.ts';
import { type Finding, listed, sentence } from '../sentences.ts';
import type { Inventory } from './inventory.ts';
import { podLabels, type Workload, type WorkloadKind } from './objects.ts';

const workloadKinds: readonly WorkloadKind[] = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** Which workloads are looked at. */
export type Chosen = { readonly deployment?: string | undefined; readonly selector?: string | undefined };

/** The workloads that are chosen; or what is told where there are none. */
export async function chosenWorkloads(
  { deployment, selector }: Chosen,
  inventory: Inventory,
): Promise<{ readonly workloads: readonly Workload[] } | { readonly none: Finding }> {
  const all: Workload[] = [];
  for (const kind of deployment === undefined ? workloadKinds : (['Deployment'] as const))
    all.push(...(await inventory.all(kind)).map((one) => ({ kind, ...one })));
  const matching = selector === undefined ? null : parsedSelector(selector);
  const workloads = all.filter(
    (one) =>
      (deployment === undefined || one.metadata.name === deployment) && (matching === null || selects(matching, podLabels(one))),
  );
  if (workloads.length > 0) return { workloads };
  const others = listed(all.map(({ metadata }) => metadata.name));
  const what = deployment === undefined ? (selector ?? 'apps/v1') : `Deployment ${deployment}`;
  return {
    none: {
      status: 'fail',
      text: sentence(
        'there is no workload $ in $; there are: $',
        'нет рабочей нагрузки $ в $; есть: $',
        what,
        inventory.where,
        others,
      ),
      fix: { en: 'deploy it, or name another one', ru: 'разверните её или укажите другую' },
    },
  };
}
