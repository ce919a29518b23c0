import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/*
 * Conversations as text: a command, `----`, the answer (and its exit code when that is not 0). `UPDATE=1` writes the answers anew; read
 * that diff before you commit it. Only commands that need no controller stand here: their answers are the same everywhere.
 */
const folder = fileURLToPath(new URL('.', import.meta.url));
const rampart = fileURLToPath(new URL('../../bin/rampart.js', import.meta.url));
const divider = '----';
/** Longest that one command may take, on a machine with other work. */
const patienceMs = 60_000;

describe('transcripts', { concurrency: 2 }, () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.txt'))) {
    const file = join(folder, name);
    test(name, async () => {
      const text = readFileSync(file, 'utf8');
      const [command = ''] = text.split('\n', 1);
      const answer = await answerTo(command);
      const now = `${command}\n${divider}\n${answer}`;
      if (process.env.UPDATE === '1') writeFileSync(file, now);
      else assert.equal(now, text);
    });
  }
});

/** What a terminal of 80 columns shows for a command, run beside the documents. */
async function answerTo(command: string): Promise<string> {
  const [program, ...words] = command.split(' ');
  assert.equal(program, 'rampart', 'a transcript begins with its command');
  const home = mkdtempSync(join(tmpdir(), 'rampart-transcripts-'));
  try {
    // Nothing of this machine: no data folder, no colours, no width.
    const { PATH, NODE_COMPILE_CACHE } = process.env;
    const cache = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
    const env = { PATH, ...cache, HOME: home, RAMPART_DATA: join(home, 'data'), RAMPART_USER: 'tess', NO_COLOR: '1' };
    const child = spawn(process.execPath, [rampart, ...words], {
      cwd: join(folder, 'documents'),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: patienceMs,
      killSignal: 'SIGKILL',
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    assert.notEqual(code, null, `${command} gave no answer within ${patienceMs} ms`);
    return `${out}${err}${code === 0 ? '' : `(exit code ${code})\n`}`.replaceAll(home, '$HOME');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
