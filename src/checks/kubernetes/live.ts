import { selects } from '../../kubernetes/label-selector.ts';
import { durationText } from '../../spec/unit-text.ts';
import { type Finding, sentence } from '../sentences.ts';
import type { ObjectOf, Workload } from './objects.ts';

type Node = ObjectOf<'Node'>;
type Pod = ObjectOf<'Pod'>;

const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'];

/** Every node is ready and may be scheduled on. */
export function nodeFindings(nodes: readonly Node[], min: number): readonly Finding[] {
  const findings: Finding[] = [];
  let ready = 0;
  for (const { metadata, spec, status } of nodes) {
    const name = `Node ${metadata.name}`;
    const conditions = status?.conditions ?? [];
    const readiness = conditions.find(({ type }) => type === 'Ready');
    if (readiness?.status === 'True') ready += 1;
    else
      findings.push({
        status: 'fail',
        text: sentence('$ is not ready: $', '$ не готов: $', name, readiness?.message || readiness?.reason || '—'),
        fix: sentence('see kubectl describe node $', 'посмотрите kubectl describe node $', metadata.name),
      });
    for (const { type, status: is } of conditions)
      if (pressures.includes(type) && is === 'True')
        findings.push({
          status: 'warn',
          text: sentence('$ has $', '$: $', name, type),
          fix: sentence('free what $ lacks', 'освободите ресурсы на $', metadata.name),
        });
    if (spec?.unschedulable)
      findings.push({
        status: 'warn',
        text: sentence('$ is cordoned', '$ закрыт для новых подов', name),
        fix: sentence('kubectl uncordon $', 'kubectl uncordon $', metadata.name),
      });
  }
  const count = sentence('$ of $ nodes are ready', 'готово узлов: $ из $', ready, nodes.length);
  if (ready < min)
    findings.push({
      status: 'fail',
      text: sentence('$, and not $', '$, а нужно $', count, min),
      fix: { en: 'add nodes', ru: 'добавьте узлы' },
    });
  return findings.length > 0 ? findings : [{ status: 'pass', text: count }];
}

/** What is asked of the pods of a workload. */
export type PodsWanted = { readonly min: number; readonly restartsMax: number; readonly restartsWithin: number };

/** Every pod of a workload runs and is ready, and is not restarted again and again. */
export function podFindings(workload: Workload, pods: readonly Pod[], wanted: PodsWanted, nowMs: number): readonly Finding[] {
  const own = pods.filter(
    ({ metadata, status }) =>
      selects(workload.spec.selector, metadata.labels) && !metadata.deletionTimestamp && status?.phase !== 'Succeeded',
  );
  const findings = own.flatMap((pod) => [...stateFindings(pod), ...restartFindings(pod, wanted, nowMs)]);
  const ready = own.filter(isReady).length;
  const name = `${workload.kind} ${workload.metadata.name}`;
  const count = sentence('$: $ of $ pods are ready', '$: готово подов $ из $', name, ready, own.length);
  // Of a rollout that cannot go on there are fewer pods than the workload wants.
  const min = Math.max(wanted.min, workload.kind === 'DaemonSet' ? 0 : (workload.spec.replicas ?? 1));
  if (ready < min)
    findings.push({
      status: 'fail',
      text: sentence('$, and not $', '$, а нужно $', count, min),
      fix: sentence(
        'see kubectl rollout status and kubectl get events',
        'посмотрите kubectl rollout status и kubectl get events',
      ),
    });
  return findings.length > 0 ? findings : [{ status: 'pass', text: count }];
}

function isReady({ status }: Pod): boolean {
  return status?.phase === 'Running' && status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
}

function stateFindings(pod: Pod): readonly Finding[] {
  if (isReady(pod)) return [];
  const { metadata, status } = pod;
  const waiting = status?.containerStatuses?.map(({ state }) => state?.waiting).find((one) => one);
  const unscheduled = status?.conditions.find(({ type, status: is }) => type === 'PodScheduled' && is !== 'True');
  const why = waiting?.reason ?? unscheduled?.message ?? status?.reason ?? status?.phase ?? '—';
  return [
    {
      status: 'fail',
      text: sentence('Pod $ is not ready: $', 'Под $ не готов: $', metadata.name, why),
      fix: sentence('see kubectl describe pod $', 'посмотрите kubectl describe pod $', metadata.name),
    },
  ];
}

function restartFindings({ metadata, status }: Pod, wanted: PodsWanted, nowMs: number): readonly Finding[] {
  return (status?.containerStatuses ?? []).flatMap(({ name, restartCount, state }): readonly Finding[] => {
    const startedMs = Date.parse(state?.running?.startedAt ?? '');
    const ageMs = Number.isNaN(startedMs) ? 0 : Math.max(0, nowMs - startedMs);
    if (restartCount <= wanted.restartsMax || ageMs > wanted.restartsWithin) return [];
    return [
      {
        status: 'fail',
        text: sentence(
          'Pod $, container $: restarted $ times, the last time $ ago',
          'Под $, контейнер $: перезапусков $, последний $ назад',
          metadata.name,
          name,
          restartCount,
          durationText(Math.floor(ageMs / 1_000) * 1_000),
        ),
        fix: sentence('see kubectl logs --previous $ -c $', 'посмотрите kubectl logs --previous $ -c $', metadata.name, name),
      },
    ];
  });
}
