import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Program } from './debian-program.ts';

const run = promisify(execFile);

/** Four to eight minutes on two cores; only the first time on a machine. */
const buildMs = 20 * 60_000;

const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/** Where the built programs lie: outside of the repository, where they stay, and where the unprivileged user who runs them may read. */
const cache = `/var/tmp/rampart-test-kubernetes-${process.getuid?.() ?? 0}`;

/** The folder with a real control plane, built from Debian's source package where it is not there yet, or why there is none. */
export async function controlPlaneFolder(): Promise<Program> {
  const folder = cache;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    // The name can be guessed, and what lies in it is run.
    if (statSync(folder).uid !== process.getuid?.()) throw new Error(`${folder} belongs to somebody else`);
    if (programs.every((name) => existsSync(join(folder, name)))) return { path: folder };
    const fresh = mkdtempSync(join(folder, '.new-'));
    try {
      await run('bash', [join(import.meta.dirname, 'kubernetes-build.sh'), fresh], {
        timeout: buildMs,
        maxBuffer: 64 * 1_048_576,
      });
      // Another process may have been first; then its files are as good.
      for (const name of programs) renameSync(join(fresh, name), join(folder, name));
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
    return { path: folder };
  } catch (error) {
    const missing = `no Kubernetes control plane, and it cannot be built: ${String(error).split('\n')[0]}`;
    if (process.env.CI === 'true') throw new Error(missing, { cause: error });
    return { missing };
  }
}
