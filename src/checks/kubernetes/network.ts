import { selects } from '../../kubernetes/label-selector.ts';
import { type Finding, listed, sentence } from '../sentences.ts';
import { nameOf, type ObjectOf, podLabels, type Workload } from './objects.ts';

type Policy = ObjectOf<'NetworkPolicy'>;

/**
 * Network policies rule what comes in and goes out of the pods of a workload. Pods that none selects talk with everybody (Kubernetes,
 * "Network Policies").
 */
export function networkFindings(
  workload: Workload,
  wanted: { readonly ingress: boolean; readonly egress: boolean },
  all: readonly Policy[],
): readonly Finding[] {
  const name = nameOf(workload);
  const own = all.filter(({ spec }) => selects(spec.podSelector ?? {}, podLabels(workload)));
  const findings = ([...(wanted.ingress ? ['Ingress'] : []), ...(wanted.egress ? ['Egress'] : [])] as const).flatMap(
    (direction): readonly Finding[] => {
      const ruling = own.filter((policy) => directionsOf(policy).includes(direction));
      const open = ruling.filter((policy) => isOpen(policy, direction));
      if (ruling.length === 0)
        return [
          {
            status: 'fail',
            text: sentence('$: no NetworkPolicy rules its $', '$: ни одна NetworkPolicy не ограничивает $', name, direction),
            fix: sentence(
              'write a NetworkPolicy with policyTypes [$] for its pods',
              'опишите NetworkPolicy с policyTypes [$] для её подов',
              direction,
            ),
          },
        ];
      if (open.length > 0)
        return [
          {
            status: 'warn',
            text: sentence(
              'NetworkPolicy $ lets everything through ($)',
              'NetworkPolicy $ пропускает всё ($)',
              open[0]?.metadata.name ?? '',
              direction,
            ),
            fix: { en: 'name who may talk with whom', ru: 'перечислите, кому с кем можно обмениваться данными' },
          },
        ];
      return [];
    },
  );
  if (findings.length > 0) return findings;
  const names = listed(own.map(({ metadata }) => metadata.name));
  return [{ status: 'pass', text: sentence('$: ruled by NetworkPolicy $', '$: ограничена NetworkPolicy $', name, names) }];
}

/** What is left out means ingress, and egress where there are rules for it. */
function directionsOf({ spec }: Policy): readonly string[] {
  return spec.policyTypes ?? ['Ingress', ...((spec.egress ?? []).length > 0 ? ['Egress'] : [])];
}

/** A rule without peers and ports is for all of them. */
function isOpen({ spec }: Policy, direction: string): boolean {
  const rules = (direction === 'Ingress' ? spec.ingress : spec.egress) ?? [];
  return rules.some((rule) => Object.values(rule ?? {}).every((value) => Array.isArray(value) && value.length === 0));
}
