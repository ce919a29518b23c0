import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SmtpSink, smtpSinkProgram } from '../../../test/programs/smtp-sink.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import { messagesStream } from '../notifications/outbox-records.ts';

const kills = 3;
const [readers, updates] = [40, 2];
const script = fileURLToPath(new URL('subscribers.fixture.ts', import.meta.url));
const program = await smtpSinkProgram();

test(`${kills} times kill -9 in a mailing: every subscriber is told of everything, and nothing is queued twice`, {
  timeout: 180_000,
  ...('missing' in program ? { skip: program.missing } : {}),
}, async () => {
  assert('path' in program);
  const folder = mkdtempSync(join(tmpdir(), 'rampart-mailing-'));
  const sink = await SmtpSink.start(program.path);
  let child: ChildProcess | null = null;
  try {
    for (let round = 0; ; round += 1) {
      const run = fork(script, [folder, String(sink.port), String(readers), String(updates)], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      child = run;
      const idle = new Promise<void>((resolve) => run.on('message', (told: { idle?: true }) => told.idle && resolve()));
      // Before all are taken in, too.
      if (round > 0) await once(run, 'message', { signal: AbortSignal.timeout(60_000) });
      else await delay(1_500);
      if (round >= kills) {
        await Promise.race([idle, once(run, 'exit').then(() => assert.fail('it ended by itself'))]);
        break;
      }
      await Promise.race([delay(30 + round * 90), idle]);
      run.kill('SIGKILL');
      await once(run, 'exit');
    }
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const queued = await queuedIn(folder);
    assert.equal(queued.length, readers * updates);
    assert.equal(new Set(queued).size, readers * updates, 'each once');
    const mails = readdirSync(sink.mail).map((file) => readFileSync(join(sink.mail, file), 'utf8'));
    const ids = new Set(mails.map((mail) => /^Message-ID: (.*)$/im.exec(mail)?.[1]));
    assert.equal(ids.size, readers * updates, 'what was sent again has the same id');
    const to = new Set(mails.map((mail) => /^To: (.*)$/im.exec(mail)?.[1]?.trim()));
    assert.equal(to.size, readers);
    assert(mails.length <= readers * updates + kills * 10, `${mails.length} mails: more than were under way`);
  } finally {
    child?.kill('SIGKILL');
    await sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Ids of the messages that were queued. */
async function queuedIn(folder: string): Promise<readonly string[]> {
  const log = await openSqliteLog(join(folder, 'log.db'));
  try {
    const ids: string[] = [];
    for (let after = 0; ; ) {
      const page = await log.read(messagesStream, after, 500);
      for (const { kind, data } of page) if (kind === 'message-queued') ids.push((data as { id: string }).id);
      after += page.length;
      if (page.length < 500) return ids;
    }
  } finally {
    await log.close();
  }
}
