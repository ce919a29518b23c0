import { UserError } from '../../errors.ts';
import { apiOf } from '../../kubernetes/mirrors.ts';
import { type CheckContext, type CheckResult, defineCheck } from '../check.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { autoscalerFindings, budgetFindings } from './availability.ts';
import { clusterInventory } from './cluster-inventory.ts';
import { limitFindings, probeFindings, securityFindings } from './containers.ts';
import type { Inventory } from './inventory.ts';
import { nodeFindings, podFindings } from './live.ts';
import { manifestInventory } from './manifest-inventory.ts';
import { networkFindings } from './network.ts';
import type { Workload } from './objects.ts';
import { rightsFindings } from './rights.ts';
import { KubernetesConfig } from './schema.ts';
import { chosenWorkloads } from './workloads.ts';

/** Objects of a Kubernetes cluster, or of manifest files, are as they should be. */
export const kubernetes = defineCheck({
  title: { en: 'Kubernetes', ru: 'Kubernetes' },
  schema: KubernetesConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const expected = sentence('as they should be: $', 'в порядке: $', listed(Object.keys(config.expect)));
    const inventory = await inventoryOf(config, context);
    try {
      const findings = await findingsOf(config, inventory, context);
      return resultOf(inventory.where, expected, findings, { objects: findings.length });
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'E_KUBERNETES_UNREACHABLE') throw error;
      return away(error, expected);
    }
  },
});

async function inventoryOf(config: KubernetesConfig, { folder, signal }: CheckContext): Promise<Inventory> {
  if (config.manifests !== undefined) return await manifestInventory(folder, config.manifests, config.namespace, signal);
  return clusterInventory(apiOf(config), config.namespace, signal);
}

function away(error: UserError, expected: CheckResult['expected']): CheckResult {
  const fix = {
    en: 'see whether kubectl get --raw /readyz answers from this machine',
    ru: 'проверьте, отвечает ли с этой машины kubectl get --raw /readyz',
  };
  return { status: 'fail', lookedAt: error.where, found: error.message, expected, fix, evidence: [], figures: {} };
}

async function findingsOf(config: KubernetesConfig, inventory: Inventory, context: CheckContext): Promise<readonly Finding[]> {
  const { expect, namespace } = config;
  const { nodes, secrets } = expect;
  const findings: Finding[] = inventory.problems.map(unreadable);
  if (nodes) findings.push(...(await allowed(async () => nodeFindings(await inventory.all('Node'), nodes.min))));
  for (const name of secrets ?? [])
    findings.push(...(await allowed(async () => [secretFinding(name, await inventory.hasSecret(name))])));
  if (
    Object.keys(expect).every((key) => key === 'nodes' || key === 'secrets' || expect[key as keyof typeof expect] === undefined)
  )
    return findings;
  findings.push(
    ...(await allowed(async () => {
      const chosen = await chosenWorkloads(config, inventory);
      if ('none' in chosen) return [chosen.none];
      const found = await Promise.all(
        chosen.workloads.map((one) => workloadFindings(one, expect, namespace, inventory, context)),
      );
      return found.flat();
    })),
  );
  return findings;
}

/** Each question by itself: what one may not ask leaves the answers of the others. */
async function workloadFindings(
  workload: Workload,
  expect: KubernetesConfig['expect'],
  namespace: string,
  inventory: Inventory,
  { now }: CheckContext,
): Promise<readonly Finding[]> {
  const { pods, limits, probes, hpa, pdb, networkPolicies, rbac, securityContext } = expect;
  const questions: readonly (false | undefined | (() => Promise<readonly Finding[]>))[] = [
    pods && (async () => podFindings(workload, await inventory.all('Pod'), pods, now())),
    limits && (async () => limitsOf(workload, limits, inventory)),
    probes && (async () => probeFindings(workload, probes)),
    hpa && (async () => autoscalerFindings(workload, hpa, await inventory.all('HorizontalPodAutoscaler'))),
    pdb && (async () => budgetFindings(workload, pdb, await inventory.all('PodDisruptionBudget'))),
    networkPolicies && (async () => networkFindings(workload, networkPolicies, await inventory.all('NetworkPolicy'))),
    rbac && (() => rightsFindings(workload, namespace, inventory)),
    securityContext && (async () => securityFindings(workload)),
  ];
  const found: Finding[] = [];
  for (const question of questions) if (question) found.push(...(await allowed(question)));
  return found;
}

/** Only where something is missing the namespace is asked for its defaults: it takes another right. */
async function limitsOf(
  workload: Workload,
  wanted: NonNullable<KubernetesConfig['expect']['limits']>,
  inventory: Inventory,
): Promise<readonly Finding[]> {
  const found = limitFindings(workload, wanted, []);
  return found.every(({ status }) => status === 'pass')
    ? found
    : limitFindings(workload, wanted, await inventory.all('LimitRange'));
}

/** What may not be asked, or is unknown to the cluster, is unproven: the message names verb and resource. */
async function allowed(question: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof UserError) || !/^E_KUBERNETES_(FORBIDDEN|VERSION|REFUSED|BUSY)$/.test(error.code)) throw error;
    return [{ status: 'unproven', text: error.message.slice(0, 400), fix: error.fix }];
  }
}

function secretFinding(name: string, isThere: boolean): Finding {
  if (isThere) return { status: 'pass', text: sentence('Secret $ is there', 'Secret $ есть', name) };
  return {
    status: 'fail',
    text: sentence('there is no Secret $', 'нет Secret $', name),
    fix: sentence('create the Secret $', 'создайте Secret $', name),
  };
}

function unreadable(problem: string): Finding {
  return {
    status: 'fail',
    text: problem.slice(0, 400),
    fix: { en: 'see what kubectl apply --dry-run=server says', ru: 'посмотрите, что говорит kubectl apply --dry-run=server' },
  };
}
