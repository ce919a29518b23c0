import { type Finding, listed, sentence } from '../sentences.ts';
import { type Container, nameOf, type ObjectOf, type Workload } from './objects.ts';

/** What has to be requested and limited. */
export type LimitsWanted = { readonly requests: readonly string[]; readonly limits: readonly string[] };

/**
 * Every container requests and is limited. What is limited and not requested is requested as much (Kubernetes, "Resource management");
 * a LimitRange of the namespace fills in what a container leaves out.
 */
export function limitFindings(
  workload: Workload,
  wanted: LimitsWanted,
  ranges: readonly ObjectOf<'LimitRange'>[],
): readonly Finding[] {
  const defaults = ranges.flatMap(({ spec }) => spec.limits.filter(({ type }) => type === 'Container'));
  const containers = [...workload.spec.template.spec.containers, ...(workload.spec.template.spec.initContainers ?? [])];
  const findings = containers.flatMap((container): readonly Finding[] => {
    const { requests, limits } = container.resources ?? {};
    const hasLimit = (resource: string): boolean =>
      limits?.[resource] !== undefined || defaults.some((one) => one.default?.[resource] !== undefined);
    const hasRequest = (resource: string): boolean =>
      requests?.[resource] !== undefined ||
      hasLimit(resource) ||
      defaults.some((one) => one.defaultRequest?.[resource] !== undefined);
    const missing = [
      ...wanted.requests.filter((resource) => !hasRequest(resource)).map((resource) => `requests.${resource}`),
      ...wanted.limits.filter((resource) => !hasLimit(resource)).map((resource) => `limits.${resource}`),
    ];
    if (missing.length === 0) return [];
    const place = placeOf(workload, container);
    return [
      {
        status: 'fail',
        text: sentence('$: no $', '$: нет $', place, listed(missing)),
        fix: sentence('set resources.$ of $', 'задайте resources.$ для $', missing[0] ?? '', container.name),
      },
    ];
  });
  if (findings.length > 0) return findings;
  return [
    {
      status: 'pass',
      text: sentence(
        '$: all containers have requests and limits',
        '$: запросы и лимиты есть у всех контейнеров',
        nameOf(workload),
      ),
    },
  ];
}

/** Every container has its probes. Those that only run before the others have none. */
export function probeFindings(
  workload: Workload,
  wanted: { readonly readiness: boolean; readonly liveness: boolean },
): readonly Finding[] {
  const findings = workload.spec.template.spec.containers.flatMap((container): readonly Finding[] => {
    const missing = [
      ...(wanted.readiness && !container.readinessProbe ? ['readinessProbe'] : []),
      ...(wanted.liveness && !container.livenessProbe ? ['livenessProbe'] : []),
    ];
    return missing.map((probe) => ({
      status: 'fail',
      text: sentence('$: no $', '$: нет $', placeOf(workload, container), probe),
      fix: sentence('give the container $ a $', 'задайте контейнеру $ проверку $', container.name, probe),
    }));
  });
  if (findings.length > 0) return findings;
  return [
    {
      status: 'pass',
      text: sentence('$: all containers have their probes', '$: проверки есть у всех контейнеров', nameOf(workload)),
    },
  ];
}

/** No container runs as root, is privileged, or may gain privileges, and none shares the machine's own spaces. */
export function securityFindings(workload: Workload): readonly Finding[] {
  const pod = workload.spec.template.spec;
  const findings: Finding[] = [];
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC'] as const)
    if (pod[key])
      findings.push({
        status: 'fail',
        text: sentence('$: $ is on', '$: включён $', nameOf(workload), key),
        fix: sentence('leave $ out', 'уберите $', key),
      });
  for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
    const own = container.securityContext;
    const isNonRoot = own?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot ?? false;
    const user = own?.runAsUser ?? pod.securityContext?.runAsUser ?? null;
    const place = placeOf(workload, container);
    const fail = (en: string, ru: string, set: string): number =>
      findings.push({
        status: 'fail',
        text: sentence(`$: ${en}`, `$: ${ru}`, place),
        fix: sentence('set securityContext.$', 'задайте securityContext.$', set),
      });
    if (user === 0) fail('runs as root (runAsUser: 0)', 'работает от root (runAsUser: 0)', 'runAsUser: 10001');
    else if (!isNonRoot && user === null) fail('may run as root', 'может работать от root', 'runAsNonRoot: true');
    if (own?.privileged) fail('is privileged', 'привилегированный', 'privileged: false');
    else if (own?.allowPrivilegeEscalation !== false)
      findings.push({
        status: 'warn',
        text: sentence('$: may gain privileges', '$: может повысить привилегии', place),
        fix: {
          en: 'set securityContext.allowPrivilegeEscalation: false',
          ru: 'задайте securityContext.allowPrivilegeEscalation: false',
        },
      });
  }
  if (findings.length > 0) return findings;
  return [
    {
      status: 'pass',
      text: sentence('$: no container runs as root', '$: ни один контейнер не работает от root', nameOf(workload)),
    },
  ];
}

function placeOf(workload: Workload, { name }: Container) {
  return sentence('$, container $', '$, контейнер $', nameOf(workload), name);
}
