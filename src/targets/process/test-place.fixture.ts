import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { eventually } from '../conformance.ts';
import type { WorkloadTarget } from '../target.ts';
import { process as processTarget } from './index.ts';
import { allProcesses } from './process-table.ts';
import type { InstanceRecord } from './record.ts';
import { ProcessDefinition } from './schema.ts';

/** Behaves as the files in its folder say, so that a test can change its mind while it runs. */
const serverSource = `
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
const mode = process.argv[2] ?? '';
if (mode === 'crash') { console.error('\\x1b[31mError: no such table\\x1b[0m'); process.exit(1); }
if (mode.includes('stubborn')) process.on('SIGTERM', () => {});
if (mode.includes('family')) spawn(process.execPath, [process.argv[1], 'stubborn child'], { stdio: 'inherit' });
if (mode.includes('child')) setInterval(() => {}, 1000);
else {
  createServer((request, response) => {
    if (request.url === '/crash') process.exit(3);
    if (request.url === '/env') return response.end(JSON.stringify({ ...process.env, cwd: process.cwd(), argv: process.argv.slice(2) }));
    if (request.url === '/live' && existsSync('dead')) return; // It hangs.
    if (request.url === '/health' && existsSync('sick')) response.statusCode = 503;
    response.end(String(process.pid));
  }).listen(Number(process.env.PORT), process.env.HOST);
}
if (mode === 'chatty') setInterval(() => process.stdout.write('x'.repeat(99) + '\\n'), 1);
`;

/** A folder with a small server, and targets on it. Every process that was started there is gone after the test. */
export function testPlace(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'rampart-process-'));
  const folder = join(root, 'target');
  const cwd = join(root, 'app');
  mkdirSync(cwd);
  const server = join(cwd, 'server.mjs');
  writeFileSync(server, serverSource);
  const opened: WorkloadTarget<ProcessDefinition>[] = [];
  t.after(async () => {
    await Promise.all(opened.map((target) => target.close()));
    await eventually('every process of the test is gone', () => {
      const left = processesIn(root);
      for (const pid of left) kill(pid);
      return left.length === 0;
    });
    rmSync(root, { recursive: true, force: true });
  });
  return {
    root,
    folder,
    cwd,
    server,
    logged: [] as string[],
    open(): WorkloadTarget<ProcessDefinition> {
      const target = processTarget.create({ folder, environment: process.env, log: (line) => this.logged.push(line) });
      opened.push(target);
      return target;
    },
    /** A definition with short times; `mode` is how the server behaves. */
    definition(mode: string, more: Record<string, unknown> = {}): ProcessDefinition {
      return ProcessDefinition.parse({
        command: [process.execPath, server, mode],
        cwd,
        health: { path: '/health', interval: '30ms', timeout: '500ms' },
        restart: { backoff: '50ms', max: '200ms' },
        stop: { deadline: '5s' },
        ...more,
      });
    },
    work(definition: ProcessDefinition, replicas = 1, version = '1.0.0') {
      return { service: 'shop', version, replicas, definition };
    },
    recordFile: (ordinal = 0, version = '1.0.0') => join(folder, 'shop', version, `${ordinal}.json`),
    record(ordinal = 0, version = '1.0.0'): InstanceRecord {
      return JSON.parse(readFileSync(this.recordFile(ordinal, version), 'utf8'));
    },
    /** The processes that run the test's server, children of theirs included. */
    processes: () => processesIn(root),
  };
}

/** Asks an instance for a path; null when it does not answer. */
export async function ask(port: number, path: string): Promise<string | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
    return await answer.text();
  } catch {
    return null;
  }
}

/** Ends a process that may be gone already. */
export function kill(pid: number): void {
  assert(pid > 1 && pid !== process.pid);
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone, as wanted.
  }
}

function processesIn(root: string): readonly number[] {
  return allProcesses().flatMap(({ pid }) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(root) ? pid : [];
    } catch {
      return [];
    }
  });
}
