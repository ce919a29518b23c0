import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianProgram, type Program } from './debian-program.ts';

const run = promisify(execFile);

/** Four to eight minutes on two cores; only the first time on a machine. */
const buildMs = 20 * 60_000;

const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/** Where the built programs lie: outside of the repository, where they stay, and where the unprivileged user who runs them may read. */
const cache = `/var/tmp/rampart-test-kubernetes-${process.getuid?.() ?? 0}`;

/** Folder of the programs that are built, and path of etcd. */
export type ControlPlane = { readonly path: string; readonly etcd: string };

/** Everything of a real control plane, or why its suites are skipped. Never builds it: that is too long for a test. */
export async function kubernetesPrograms(folder = cache): Promise<ControlPlane | { readonly missing: string }> {
  if (!isBuilt(folder)) {
    const missing = `no Kubernetes control plane in ${folder}: \`npm run kubernetes\` builds one (4 to 8 minutes, once, on Debian)`;
    if (process.env.CI === 'true') throw new Error(missing);
    return { missing };
  }
  const etcd = await etcdProgram();
  return 'missing' in etcd ? etcd : { path: folder, etcd: etcd.path };
}

/**
 * Builds the control plane from Debian's source package, unless it is there.
 *
 * @throws Error when the folder belongs to somebody else, or with the end of what the build has said.
 */
export async function buildControlPlane(folder = cache): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (isBuilt(folder)) return;
  const fresh = mkdtempSync(join(folder, '.new-'));
  try {
    await run('bash', [join(import.meta.dirname, 'kubernetes-build.sh'), fresh], { timeout: buildMs, maxBuffer: 64 * 1_048_576 });
    // Another process may have been first; then its files are as good.
    for (const name of programs) renameSync(join(fresh, name), join(folder, name));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function isBuilt(folder: string): boolean {
  if (!existsSync(folder)) return false;
  // The name can be guessed, and what lies in it is run.
  if (statSync(folder).uid !== process.getuid?.()) throw new Error(`${folder} belongs to somebody else`);
  return programs.every((name) => existsSync(join(folder, name)));
}

function etcdProgram(): Promise<Program> {
  return debianProgram('etcd-server', '/usr/bin/etcd');
}

if (import.meta.main) {
  try {
    await buildControlPlane();
    const etcd = await etcdProgram();
    if ('missing' in etcd) throw new Error(etcd.missing);
    console.log(`Kubernetes for the tests: ${cache}, ${etcd.path}`);
  } catch (error) {
    const said = (error as { readonly stderr?: string }).stderr ?? '';
    console.error(`no Kubernetes for the tests: ${String(error).split('\n')[0]}\n${said.trimEnd()}`.trimEnd());
    process.exitCode = 1;
  }
}
