import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const folders = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];
const installMaxMs = 300_000;

/** Debian's package of each program. */
const packages: Readonly<Record<string, string>> = { nginx: 'nginx-light', haproxy: 'haproxy', wrk: 'wrk' };

/** Where a program is; installed first when it is missing and that is possible here. Null when it cannot be had. */
export function program(name: string, say: (text: string) => void): string | null {
  const found = find(name);
  if (found !== null || process.getuid?.() !== 0 || find('apt-get') === null) return found;
  const wanted = packages[name] ?? name;
  say(`installs ${wanted}`);
  try {
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', wanted], {
      stdio: 'ignore',
      timeout: installMaxMs,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch {
    // Whoever asked says by name what is skipped for it.
  }
  return find(name);
}

function find(name: string): string | null {
  return folders.map((folder) => `${folder}/${name}`).find((file) => existsSync(file)) ?? null;
}
