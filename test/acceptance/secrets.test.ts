import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Stage, until } from './stage.ts';

const secret = 'hunter2-and-more';
const inFile = 'another-one-from-a-file';

/** A stage whose controller has a secret in its environment. */
class SecretStage extends Stage {
  override get environment(): NodeJS.ProcessEnv {
    return { ...super.environment, SHOP_DB: secret };
  }
}

const stage = new SecretStage();

describe('a secret that a document names', () => {
  before(() => stage.up());
  after(() => stage.close());

  test('reaches the process and the hook, and is neither in the log nor in any answer', async () => {
    const seen: (string | undefined)[] = [];
    const receiver = createServer((request, response) => {
      seen.push(request.headers.authorization, request.headers['x-api-key']?.toString());
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as { port: number };
    try {
      // As mounted by what runs the controller, with the line end that editors leave.
      const file = stage.write('mounted/api-key', `${inFile}\n`);
      const hook = `{ hook: { http: { url: "http://127.0.0.1:${port}/", headers: { Authorization: { env: SHOP_DB, prefix: "Bearer " }, X-Api-Key: { file: ${file} } } } } }`;
      const shop = await stage.place('shop', {
        process: { env: `{ DB_PASSWORD: { env: SHOP_DB }, API_KEY: { file: ${file} }, GREETING: hello }` },
        release: { strategy: `{ canary: { steps: [ ${hook}, { weight: 50%, for: 1s } ] } }` },
      });
      await stage.install(shop, '1.0.0');
      const [pid] = stage.instances('shop')['1.0.0'] ?? [];
      const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      assert(variables.includes(`DB_PASSWORD=${secret}`));
      assert(variables.includes(`API_KEY=${inFile}`));
      assert(variables.includes('GREETING=hello'));
      const id = await stage.begin(shop, '1.1.0');
      await stage.reaches(id, 'has run its hook', ({ weight }) => weight === 50);
      await stage.json(0, 'abort', id);
      await stage.end(id);
      assert.deepEqual(seen, [`Bearer ${secret}`, inFile]);
      for (const path of ['/services', '/services/shop', `/releases/${id}`, `/releases/${id}/events`, `/releases/${id}/series`])
        assert(!holdsSecret(JSON.stringify((await stage.ask('GET', `/api/v1${path}`)).body)), path);
    } finally {
      receiver.close();
    }
    await stage.down('SIGTERM');
    for (const file of ['log.db', 'log.db-wal', 'answers.db', 'access.db'])
      assert(!holdsSecret(readIfThere(join(stage.data, file))), file);
    assert(!holdsSecret(readFileSync(stage.upLog, 'utf8')));
  });

  test('stands in files that nobody else on the machine may read, whatever it was hidden in', async () => {
    await stage.up();
    const files = readdirSync(stage.data, { withFileTypes: true }).filter((entry) => entry.isFile());
    assert(files.some(({ name }) => name === 'answers.db') && files.some(({ name }) => name === 'signals.db'));
    for (const { name } of files) assert.equal(statSync(join(stage.data, name)).mode & 0o077, 0, name);
    await stage.down('SIGTERM');
  });

  test('that a program has said is hidden in what is recorded and shown', async () => {
    await stage.up();
    const said = 'connect failed: postgres://app:s3cr3t-word@db/shop Authorization: Bearer abcdef0123456789';
    const file = stage.write('mounted/of-talks', inFile);
    // What the document names is hidden as it is, wherever it stands.
    const words = `console.error(\`got \${process.env.WORD} and \${process.env.OTHER}; \` + ${JSON.stringify(said)})`;
    stage.write('talks.mjs', `${words}; process.exit(1)`);
    const shop = await stage.place('talks', {
      process: {
        command: JSON.stringify([process.execPath, 'talks.mjs']),
        env: `{ WORD: { env: SHOP_DB }, OTHER: { file: ${file} } }`,
      },
      release: { deadlines: '{ ready: 2s, route: 15s, drain: 3s, hook: 5s }' },
    });
    const id = await stage.begin(shop, '1.0.0');
    let output = '';
    await until('the instance has said something', async () => {
      output = JSON.stringify((await stage.ask('GET', '/api/v1/services/talks/instances/talks%2F1.0.0%2F0/log')).body);
      return output !== '{"lines":[]}';
    });
    const summary = await stage.end(id);
    assert.notEqual(summary.outcome, 'succeeded');
    const shown = JSON.stringify([(await stage.ask('GET', '/api/v1/services/talks')).body, await stage.events(id), summary]);
    for (const text of [shown, output]) {
      assert.match(text, /got \[hidden\] and \[hidden\]; connect failed: postgres:/);
      assert.doesNotMatch(text, /s3cr3t-word|abcdef0123456789/);
      assert(!holdsSecret(text), text);
    }
    await stage.down('SIGTERM');
    for (const file of ['log.db', 'log.db-wal']) {
      const bytes = readIfThere(join(stage.data, file));
      assert(!bytes.includes('s3cr3t-word') && !holdsSecret(bytes), file);
    }
    const upLog = readFileSync(stage.upLog, 'utf8');
    assert(!upLog.includes('s3cr3t-word') && !holdsSecret(upLog));
  });

  test('that the controller does not have is named, and the version is not started', async () => {
    await stage.up();
    const other = await stage.place('other', {
      process: { env: '{ API_KEY: { env: NOT_THERE } }' },
      release: { deadlines: '{ ready: 2s, route: 15s, drain: 3s, hook: 5s }' },
    });
    const summary = await stage.json<{ outcome: string; reason: string }>(
      1,
      'release',
      other.file,
      '--version',
      '1.0.0',
      '--wait',
    );
    assert.notEqual(summary.outcome, 'succeeded');
    const { body } = await stage.ask('GET', '/api/v1/services/other');
    assert.match(JSON.stringify(body), /the environment variable NOT_THERE is not set/);
  });

  test('whose file is missing, endless or empty is named, and the version is not started', async () => {
    const empty = stage.write('mounted/empty', '\n');
    for (const [name, file, said] of [
      ['missing', join(stage.folder, 'mounted/none'), 'cannot be read'],
      ['endless', '/dev/zero', 'cannot be read'],
      ['empty', empty, 'is empty'],
    ] as const) {
      const other = await stage.place(name, {
        process: { env: `{ API_KEY: { file: ${file} } }` },
        release: { deadlines: '{ ready: 1s, route: 15s, drain: 3s, hook: 5s }' },
      });
      await stage.json(1, 'release', other.file, '--version', '1.0.0', '--wait');
      const { body } = await stage.ask('GET', `/api/v1/services/${name}`);
      assert(JSON.stringify(body).includes(`the file ${file} ${said}`), JSON.stringify(body));
    }
  });

  test('that stands in the document itself is refused with its place, before anything is recorded', async () => {
    const file = stage.write(
      'bad.yaml',
      readFileSync((await stage.place('bad')).file, 'utf8').replace(
        'command:',
        `env: { DB_PASSWORD: ${secret} }\n      command:`,
      ),
    );
    const answer = await stage.cli('release', file, '--version', '1.0.0');
    assert.equal(answer.code, 2);
    assert.match(
      answer.err,
      /bad\.yaml:\d+:\d+[\s\S]*expected \{ env: NAME \} or \{ file: PATH \}, because the value of DB_PASSWORD would end up in the log/,
    );
    // What a job prints is kept by whoever runs it.
    assert(!`${answer.out}${answer.err}`.includes(secret), answer.err);
  });
});

function holdsSecret(text: string): boolean {
  return text.includes(secret) || text.includes(inFile);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
