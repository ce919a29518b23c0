import { isAbsolute, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { KubernetesApi, type KubernetesList } from '../../kubernetes/api.ts';
import { runProgram } from '../../system/run-program.ts';
import { type Answer, combined } from '../answers.ts';
import { type CheckContext, defineCheck } from '../check.ts';
import { jsonOf } from '../json-pointer.ts';
import { said } from '../unreachable.ts';
import { SnapshotsConfig } from './schema.ts';
import { ofKubernetes, ofProgram, snapshotsAnswer } from './snapshot.ts';

type Kubernetes = Extract<SnapshotsConfig, { kubernetes: unknown }>;
type Program = Extract<SnapshotsConfig, { command: unknown }>;

/** Longest output of a program. */
const charsMax = 16 * 1_048_576;

/** Snapshots of volumes are taken, and are fresh. */
export const snapshots = defineCheck({
  title: { en: 'Volume snapshots', ru: 'Снимки томов' },
  schema: SnapshotsConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    return 'kubernetes' in config
      ? combined(`VolumeSnapshots: ${config.kubernetes.namespace}`, await inCluster(config, context))
      : combined(config.command.join(' ').slice(0, 200), [await inProgram(config, context)]);
  },
});

async function inCluster(
  { kubernetes, ...wanted }: Kubernetes,
  { folder, now, signal }: CheckContext,
): Promise<readonly Answer[]> {
  const { kubeconfig, context, namespace, selector, claims } = kubernetes;
  const path = kubeconfig === undefined || isAbsolute(kubeconfig) ? kubeconfig : join(folder, kubeconfig);
  const api = new KubernetesApi({ kubeconfig: path, context });
  try {
    const { items } = await api.request<KubernetesList<unknown>>(
      {
        method: 'GET',
        path: `/apis/snapshot.storage.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/volumesnapshots`,
        ...(selector === undefined ? {} : { query: { labelSelector: selector } }),
      },
      signal,
    );
    const all = items.map(ofKubernetes);
    return claims.length === 0
      ? [snapshotsAnswer(all, wanted, null, now())]
      : claims.map((claim) => snapshotsAnswer(all, wanted, claim, now()));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    if (error.code === 'E_KUBERNETES_NOT_FOUND') return [noKind];
    if (error.code === 'E_KUBERNETES_UNREACHABLE')
      return [
        {
          status: 'fail',
          found: said(error),
          expected: { en: 'an answer of the cluster', ru: 'ответ кластера' },
          fix: error.fix,
        },
      ];
    throw error;
  }
}

const noKind: Answer = {
  status: 'fail',
  found: { en: 'the cluster has no VolumeSnapshots', ru: 'в кластере нет VolumeSnapshot' },
  expected: { en: 'snapshots', ru: 'снимки' },
  fix: {
    en: 'install the snapshot controller and its definitions (CRDs) of kubernetes-csi/external-snapshotter',
    ru: 'установите контроллер снимков и его определения (CRD) из kubernetes-csi/external-snapshotter',
  },
};

async function inProgram({ command, list, time, ready, ...wanted }: Program, context: CheckContext): Promise<Answer> {
  const { folder, environment, now, signal } = context;
  const refuse = (what: string, fix: string): never => {
    throw new UserError('E_CHECK_COMMAND', `${command[0]} ${what}`, { where: command.join(' ').slice(0, 200), fix });
  };
  const end = await runProgram(command, { cwd: folder, env: environment, endsAll: true }, signal, charsMax);
  if (end.kind === 'not-run') return refuse(`cannot be run: ${end.why}`, 'install it where the controller runs');
  if (end.kind === 'called-off') {
    signal.throwIfAborted();
    return refuse('did not end in time', 'see why it does not end');
  }
  if (end.code !== 0) {
    const last = end.output
      .trimEnd()
      .split('\n')
      .at(-1)
      ?.replace(/[\x00-\x1f\x7f]/g, ' ')
      .slice(0, 200);
    return refuse(
      `ended with ${end.code ?? end.by}: ${said(new Error(last))}`,
      'run it by hand as the same user: it may not be signed in',
    );
  }
  const found = ofProgram(jsonIn(end.output), { list, time, ready });
  if (!found)
    return refuse(
      `does not write a list of snapshots at ${list || 'the root of its JSON'}`,
      'have it write JSON, and correct list',
    );
  if (found.length > 0 && found.every(({ takenMs }) => takenMs === null))
    return refuse(`says no time at ${time}`, 'correct time: a JSON pointer within each snapshot');
  return snapshotsAnswer(found, wanted, null, now());
}

/** What programs of clouds say on the other stream, such as that there is a newer one of them, stands before or behind the JSON. */
function jsonIn(output: string): unknown {
  const whole = jsonOf(output);
  if (whole !== undefined) return whole;
  const begin = output.search(/^[[{]/m);
  const end = Math.max(
    output.lastIndexOf('\n]'),
    output.lastIndexOf('\n}'),
    output.lastIndexOf(']\n'),
    output.lastIndexOf('}\n'),
  );
  return begin === -1 ? undefined : jsonOf(output.slice(begin, end + 2).trim());
}
