import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { debianProgram } from '../../../test/programs/debian-program.ts';
import { documentsIn } from '../../runtime/documents.ts';
import type { Generated, GeneratedFile } from '../generator.ts';
import { prometheus } from './index.ts';

export const promtool = await debianProgram('prometheus', '/usr/bin/promtool');
export const withoutPromtool = 'missing' in promtool && promtool.missing;

const runMs = 60_000;

/** What is generated from services, each given as its `spec` in YAML without target. */
export function generated(...services: readonly (readonly [name: string, spec: string])[]): Generated {
  const documents = services.map(
    ([name, spec]) => `apiVersion: rampart/v1
kind: Service
metadata: { name: ${name}, owner: 'pay "{{ments' }
spec:
  target: { process: { command: [node, server.js] } }
${spec.includes('router:') ? '' : '  router: { builtin: { listen: 127.0.0.1:8080, metrics: 127.0.0.1:9100 } }\n'}${spec}`,
  );
  return prometheus.generate(documentsIn(documents.join('\n---\n'), 'services.yaml', '/'));
}

/** Has promtool check every rule and run every test. @returns What it says, and whether it is content with all of it. */
export async function checked(files: readonly GeneratedFile[]): Promise<{ readonly fine: boolean; readonly said: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-rules-'));
  try {
    for (const { name, text } of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const named = (ending: string) => files.map(({ name }) => name).filter((name) => name.endsWith(ending));
    const tests = named('.test.yml');
    // Two at a time: promtool runs its tests one after the other.
    const runs = [
      ['check', 'rules', ...named('.rules.yml')],
      ...[tests.filter((_, index) => index % 2 === 0), tests.filter((_, index) => index % 2 === 1)]
        .filter((some) => some.length > 0)
        .map((some) => ['test', 'rules', ...some]),
    ];
    const results = await Promise.all(runs.map((words) => run(words, folder)));
    return { fine: results.every(({ fine }) => fine), said: results.map(({ said }) => said).join('\n') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(words: readonly string[], cwd: string): Promise<{ readonly fine: boolean; readonly said: string }> {
  if ('missing' in promtool) throw new Error(promtool.missing);
  const { path } = promtool;
  return new Promise((resolve) => {
    execFile(path, words, { cwd, timeout: runMs, maxBuffer: 16 * 1_048_576 }, (error, stdout, stderr) =>
      // `check rules` says some things without failing.
      resolve({
        fine: error === null && !/FAILED/.test(`${stdout}${stderr}`),
        said: `${stdout}${stderr}${error?.message ?? ''}`,
      }),
    );
  });
}
