import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CheckContext } from './check.ts';

const days = 86_400_000;

/** A folder with files for the tests of one file, which removes it in the end. */
export class TestFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'rampart-folder-'));
  /** What a check is given to look into it. */
  readonly context: Partial<CheckContext> = { folder: this.path };

  constructor(after: (remove: () => void) => void) {
    after(() => rmSync(this.path, { recursive: true, force: true }));
  }

  /** Writes a file, as of some days ago. */
  write(name: string, text: string, daysAgo = 0): string {
    const file = join(this.path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    const at = new Date(Date.now() - daysAgo * days);
    utimesSync(file, at, at);
    return name;
  }

  /** Commits all that is in it, as of some days ago. */
  commit(daysAgo = 0): void {
    const at = new Date(Date.now() - daysAgo * days).toISOString();
    this.git(['init', '-q']);
    this.git(['add', '-A']);
    this.git(['commit', '-q', '-m', 'x'], { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at });
  }

  git(words: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const who = ['-c', 'user.name=Tester', '-c', 'user.email=tester@shop.example', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', [...who, ...words], { cwd: this.path, env: { ...process.env, ...env }, encoding: 'utf8' });
  }
}
