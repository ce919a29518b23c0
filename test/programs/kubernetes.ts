import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { KubernetesApi } from '../../src/kubernetes/api.ts';
import { asNobody, ended } from './daemon.ts';
import { freePorts } from './free-port.ts';
import type { ControlPlane } from './kubernetes-build.ts';

const run = promisify(execFile);
const patienceMs = 60_000;

/** Who may ask: an administrator, and accounts that a test adds with rights of their own. */
export type Account = { readonly user: string; readonly token: string; readonly groups?: readonly string[] };

/** An event of the API server's audit log (audit.k8s.io/v1). */
export type AuditedRequest = {
  readonly auditID: string;
  readonly stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: { readonly resource: string; readonly apiGroup?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code: number };
};

/** A real control plane on free loopback ports, with its data in a folder of its own: etcd, API server, controllers, scheduler. */
export class Kubernetes {
  readonly folder: string;
  readonly admin: KubernetesApi;
  readonly adminToken: string;
  readonly #children = new Map<string, ChildProcess>();
  readonly #outputs = new Map<string, string>();
  readonly #kill = () => this.#children.forEach((child) => child.kill('SIGKILL'));
  readonly port: number;

  private constructor(folder: string, port: number, adminToken: string) {
    this.adminToken = adminToken;
    this.folder = folder;
    this.port = port;
    this.admin = new KubernetesApi({ kubeconfig: join(folder, 'admin.kubeconfig') });
    process.once('exit', this.#kill);
  }

  static async start(programs: ControlPlane, accounts: readonly Account[] = []): Promise<Kubernetes> {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-kubernetes-'));
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'data'));
    chmodSync(join(folder, 'data'), 0o777);
    const [etcdPort, peerPort, port, managerPort, schedulerPort] = await freePorts(5);
    const admin: Account = { user: 'admin', token: randomBytes(16).toString('hex'), groups: ['system:masters'] };
    const cluster = new Kubernetes(folder, port ?? 0, admin.token);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keyFile = join(folder, 'service-accounts.key');
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o644 });
    const tokens = [admin, ...accounts].map(({ user, token, groups = [] }, i) => `${token},${user},${i},"${groups.join(',')}"`);
    writeFileSync(join(folder, 'tokens.csv'), `${tokens.join('\n')}\n`, { mode: 0o644 });
    for (const account of [admin, ...accounts]) cluster.writeKubeconfig(account.user, account.token);
    // Who asked for what, as the server itself saw it.
    const policy = {
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived'],
      rules: [{ level: 'Metadata' }],
    };
    writeFileSync(join(folder, 'audit-policy.json'), JSON.stringify(policy), { mode: 0o644 });
    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const peerUrl = `http://127.0.0.1:${peerPort}`;
    const kubeconfig = join(folder, 'admin.kubeconfig');
    try {
      cluster.#begin('etcd', programs.etcd, [
        `--data-dir=${join(folder, 'data', 'etcd')}`,
        '--unsafe-no-fsync',
        `--listen-client-urls=${etcdUrl}`,
        `--advertise-client-urls=${etcdUrl}`,
        `--listen-peer-urls=${peerUrl}`,
        `--initial-advertise-peer-urls=${peerUrl}`,
        `--initial-cluster=default=${peerUrl}`,
      ]);
      cluster.#begin('kube-apiserver', join(programs.path, 'kube-apiserver'), [
        `--etcd-servers=${etcdUrl}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${port}`,
        '--insecure-port=0',
        '--advertise-address=127.0.0.1',
        '--endpoint-reconciler-type=none',
        `--cert-dir=${join(folder, 'data', 'certs')}`,
        '--service-cluster-ip-range=10.96.0.0/16',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-key-file=${keyFile}`,
        `--service-account-signing-key-file=${keyFile}`,
        `--token-auth-file=${join(folder, 'tokens.csv')}`,
        '--authorization-mode=RBAC',
        '--enable-priority-and-fairness=false',
        '--disable-admission-plugins=ServiceAccount',
        `--audit-policy-file=${join(folder, 'audit-policy.json')}`,
        `--audit-log-path=${join(folder, 'data', 'audit.log')}`,
      ]);
      await cluster.#until('the API server is ready', () => cluster.#isReady(cluster.port, '/readyz'));
      cluster.#begin('kube-controller-manager', join(programs.path, 'kube-controller-manager'), [
        `--kubeconfig=${kubeconfig}`,
        '--leader-elect=false',
        `--service-account-private-key-file=${keyFile}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${managerPort}`,
        '--port=0',
        `--cert-dir=${join(folder, 'data', 'manager-certs')}`,
        '--controllers=*,-nodeipam,-cloud-node-lifecycle,-service,-route,-ttl,-bootstrapsigner,-tokencleaner',
        '--node-monitor-grace-period=1h',
        '--horizontal-pod-autoscaler-sync-period=2s',
      ]);
      cluster.#begin('kube-scheduler', join(programs.path, 'kube-scheduler'), [
        `--kubeconfig=${kubeconfig}`,
        '--leader-elect=false',
        '--bind-address=127.0.0.1',
        `--secure-port=${schedulerPort}`,
        '--port=0',
        `--cert-dir=${join(folder, 'data', 'scheduler-certs')}`,
      ]);
      await cluster.#until('the controllers are ready', () => cluster.#isReady(managerPort ?? 0, '/healthz'));
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** Path of the kubeconfig of an account that was given at the start. */
  kubeconfigOf(user: string): string {
    return join(this.folder, `${user}.kubeconfig`);
  }

  /** What this account has asked for so far, as the API server has recorded it; a watch is there when it has ended. */
  requestsOf(user: string): readonly AuditedRequest[] {
    const lines = readFileSync(join(this.folder, 'data', 'audit.log'), 'utf8').split('\n');
    // The last line may be half written.
    return lines.slice(0, -1).flatMap((line) => {
      const event = JSON.parse(line) as AuditedRequest & { readonly user: { readonly username: string } };
      return event.user.username === user && event.stage === 'ResponseComplete' ? [event] : [];
    });
  }

  /** Ends everything and removes all it left. */
  async close(): Promise<void> {
    // The API server last but one: what asks it would only complain.
    for (const name of ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd']) {
      const child = this.#children.get(name);
      if (child) await ended(child, 'SIGKILL');
    }
    process.removeListener('exit', this.#kill);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #begin(name: string, path: string, args: readonly string[]): void {
    const child = spawn(path, args, {
      cwd: join(this.folder, 'data'),
      // Memory for processor time: they live for a minute, and collect garbage for a tenth of it.
      env: { HOME: join(this.folder, 'data'), GOGC: '500' },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...asNobody,
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#outputs.set(name, ((this.#outputs.get(name) ?? '') + text).slice(-4_000));
    });
    child.on('error', (error) => this.#outputs.set(name, String(error)));
    this.#children.set(name, child);
  }

  /** Writes a kubeconfig for somebody, over another way to the server when one is given, and answers its path. */
  writeKubeconfig(name: string, token: string, server = `https://127.0.0.1:${this.port}`): string {
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name, user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: name } }],
      'current-context': 'test',
    };
    // JSON is YAML.
    writeFileSync(this.kubeconfigOf(name), JSON.stringify(kubeconfig), { mode: 0o644 });
    return this.kubeconfigOf(name);
  }

  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadlineMs = performance.now() + patienceMs;
    while (!(await isSo())) {
      for (const [name, child] of this.#children)
        if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${this.#outputs.get(name)}`);
      if (performance.now() > deadlineMs) throw new Error(`not within ${patienceMs} ms: ${what}`);
      await delay(50);
    }
  }

  /** Its certificate is its own, so that `fetch` would refuse it. */
  async #isReady(port: number, path: string): Promise<boolean> {
    const url = `https://127.0.0.1:${port}${path}`;
    const { stdout } = await run('curl', ['-sk', '--max-time', '1', url]).catch(() => ({ stdout: '' }));
    return stdout === 'ok';
  }
}
