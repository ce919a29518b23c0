import { selects } from '../../kubernetes/label-selector.ts';
import { type Finding, listed, sentence } from '../sentences.ts';
import { nameOf, type ObjectOf, podLabels, type Workload } from './objects.ts';

type Autoscaler = ObjectOf<'HorizontalPodAutoscaler'>;
type Budget = ObjectOf<'PodDisruptionBudget'>;

/** A HorizontalPodAutoscaler scales the workload within bounds. A DaemonSet has one pod for each node, and none. */
export function autoscalerFindings(
  workload: Workload,
  wanted: { readonly min: number; readonly max?: number | undefined },
  all: readonly Autoscaler[],
): readonly Finding[] {
  if (workload.kind === 'DaemonSet') return [];
  const name = nameOf(workload);
  const found = all.find(
    ({ spec }) => spec.scaleTargetRef.kind === workload.kind && spec.scaleTargetRef.name === workload.metadata.name,
  );
  const fix = sentence(
    'write a HorizontalPodAutoscaler for $ with minReplicas $',
    'опишите HorizontalPodAutoscaler для $ с minReplicas $',
    name,
    wanted.min,
  );
  if (!found)
    return [{ status: 'fail', text: sentence('$: no HorizontalPodAutoscaler', '$: нет HorizontalPodAutoscaler', name), fix }];
  const { minReplicas, maxReplicas } = found.spec;
  const min = minReplicas ?? 1;
  const text = sentence(
    'HorizontalPodAutoscaler $: $ to $ pods',
    'HorizontalPodAutoscaler $: от $ до $ подов',
    found.metadata.name,
    min,
    maxReplicas,
  );
  const findings: Finding[] = [];
  if (min < wanted.min)
    findings.push({ status: 'fail', text: sentence('$, and not at least $', '$, а нужно не меньше $', text, wanted.min), fix });
  if (wanted.max !== undefined && maxReplicas > wanted.max)
    findings.push({ status: 'fail', text: sentence('$, and not at most $', '$, а нужно не больше $', text, wanted.max), fix });
  if (maxReplicas <= min)
    findings.push({
      status: 'warn',
      text: sentence('$: it never scales', '$: он никогда не масштабирует', text),
      fix: { en: 'set maxReplicas above minReplicas', ru: 'задайте maxReplicas больше minReplicas' },
    });
  for (const { type, status, message, reason } of found.status?.conditions ?? [])
    if ((type === 'ScalingActive' || type === 'AbleToScale') && status === 'False')
      findings.push({
        status: 'warn',
        text: sentence(
          'HorizontalPodAutoscaler $ does not work now: $',
          'HorizontalPodAutoscaler $ сейчас не работает: $',
          found.metadata.name,
          message || reason || type,
        ),
        fix: { en: 'see whether the metrics server runs', ru: 'проверьте, работает ли metrics-server' },
      });
  return findings.length > 0 ? findings : [{ status: 'pass', text }];
}

/** A PodDisruptionBudget selects the pods of the workload, keeps enough of them, and still lets nodes be emptied. */
export function budgetFindings(
  workload: Workload,
  wanted: { readonly minAvailable?: number | undefined },
  all: readonly Budget[],
): readonly Finding[] {
  if (workload.kind === 'DaemonSet') return [];
  const name = nameOf(workload);
  const found = all.filter(({ apiVersion, spec }) =>
    selects(spec.selector, podLabels(workload), !apiVersion?.endsWith('v1beta1')),
  );
  const [budget, second] = found;
  const fix = sentence('write a PodDisruptionBudget that selects the pods of $', 'опишите PodDisruptionBudget для подов $', name);
  if (!budget)
    return [
      {
        status: 'fail',
        text: sentence('$: no PodDisruptionBudget selects its pods', '$: ни один PodDisruptionBudget не выбирает её поды', name),
        fix,
      },
    ];
  if (second)
    return [
      {
        status: 'fail',
        text: sentence(
          '$: several PodDisruptionBudgets select its pods, so no eviction works: $',
          '$: её поды выбирают несколько PodDisruptionBudget, поэтому вытеснение невозможно: $',
          name,
          listed(found.map(({ metadata }) => metadata.name)),
        ),
        fix: { en: 'leave one of them', ru: 'оставьте один' },
      },
    ];
  return [judgedBudget(budget, workload.spec.replicas ?? 1, wanted.minAvailable ?? 1)];
}

function judgedBudget({ metadata, spec }: Budget, replicas: number, min: number): Finding {
  // Shares are rounded up in both (Kubernetes, "Specifying a Disruption Budget for your Application").
  const kept =
    spec.minAvailable !== null && spec.minAvailable !== undefined
      ? countOf(spec.minAvailable, replicas)
      : replicas - countOf(spec.maxUnavailable ?? 1, replicas);
  const text = sentence(
    'PodDisruptionBudget $ keeps $ of $ pods',
    'PodDisruptionBudget $ сохраняет подов: $ из $',
    metadata.name,
    Math.max(0, kept),
    replicas,
  );
  if (kept >= replicas)
    return {
      status: replicas === 1 ? 'warn' : 'fail',
      text: sentence('$, so no node can be emptied', '$, поэтому узел нельзя освободить', text),
      fix: {
        en: 'let one pod go at a time: maxUnavailable: 1, with 2 pods or more',
        ru: 'разрешите вытеснять по одному: maxUnavailable: 1, подов — не меньше двух',
      },
    };
  if (kept < min)
    return {
      status: 'fail',
      text: sentence('$, and not at least $', '$, а нужно не меньше $', text, min),
      fix: sentence('set minAvailable: $', 'задайте minAvailable: $', min),
    };
  return { status: 'pass', text };
}

function countOf(value: number | string, of: number): number {
  const share = /^(\d+)%$/.exec(String(value))?.[1];
  return share === undefined ? Number(value) : Math.ceil((Number(share) * of) / 100);
}
