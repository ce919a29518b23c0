import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { rampart, Stage } from './stage.ts';

type Refusal = { readonly error: string; readonly code: string; readonly fix: string };

const stage = new Stage();
const flags = ['--name', 'checkout', '--command', 'node server.js --greeting "good morning"', '--owner', 'payments'] as const;

describe('the command line without a controller', { concurrency: 2 }, () => {
  after(() => stage.close());

  test('init writes a document that validates from flags, and writes over nothing', async () => {
    for (const strategy of ['canary', 'blueGreen']) {
      const file = `${strategy}.yaml`;
      const said = await stage.json<{ file: string; service: string }>(0, 'init', file, ...flags, '--strategy', strategy);
      assert.deepEqual([said.file, said.service], [file, 'checkout']);
      const valid = await stage.json<{ valid: boolean; services: readonly string[] }>(0, 'validate', file);
      assert.deepEqual(valid, { file, valid: true, services: ['checkout'] });
    }
    const written = readFileSync(join(stage.folder, 'canary.yaml'), 'utf8');
    assert.match(written, /command: \[node, server\.js, .*good morning.*\]/);
    const refused = await stage.json<Refusal>(2, 'init', 'canary.yaml', '--name', 'other', '--command', 'x');
    assert.match(refused.error, /canary\.yaml exists already/);
    assert.equal(readFileSync(join(stage.folder, 'canary.yaml'), 'utf8'), written);
    await stage.json(0, 'init', 'canary.yaml', '--name', 'other', '--command', 'x', '--force');
    assert.match(readFileSync(join(stage.folder, 'canary.yaml'), 'utf8'), /name: other/);
  });

  test('init names a flag that is missing or wrong, and writes nothing then', async () => {
    assert.match(
      (await stage.json<Refusal>(2, 'init', 'bad.yaml')).error,
      /--name and --command is missing|--name and --command are missing/,
    );
    const wrong = [
      ['--name', '../evil', '--command', 'x'],
      ['--name', 'a', '--command', 'x', '--replicas', 'many'],
      ['--name', 'a', '--command', 'x', '--strategy', 'yolo'],
    ];
    for (const words of wrong) {
      await stage.json<Refusal>(2, 'init', 'bad.yaml', ...words);
      assert.equal(existsSync(join(stage.folder, 'bad.yaml')), false, words.join(' '));
    }
  });

  // Under CI it has to be there: what is skipped is not proven.
  const hasScript = existsSync('/usr/bin/script') || process.env.CI === 'true';
  test('init asks in a terminal', { skip: hasScript ? false : 'there is no script(1) to make a terminal' }, async () => {
    // Return takes what is proposed, seven times: name, owner, command, address, path, instances, strategy.
    const child = spawn(
      'script',
      [
        '--quiet',
        '--return',
        '--command',
        `stty cols 100 rows 40; exec ${process.execPath} ${rampart} init asked.yaml --name asked`,
        '/dev/null',
      ],
      {
        cwd: stage.folder,
        env: { ...stage.environment, TERM: 'xterm' },
        stdio: ['pipe', 'pipe', 'pipe'],
        timeout: 30_000,
        killSignal: 'SIGKILL',
      },
    );
    let shown = '';
    let questions = 0;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      shown += chunk;
      // Each question draws its mark once when it is asked; an answer before that would be lost.
      const asked = [
        /called\?/,
        /Which team/,
        /started\?/,
        /users connect/,
        /answers 2xx/,
        /How many/,
        /new version released/,
      ].filter((text) => text.test(shown));
      while (questions < asked.length) {
        questions += 1;
        child.stdin.write('\r');
      }
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0, shown);
    assert.equal(questions, 7);
    const valid = await stage.json<{ services: readonly string[] }>(0, 'validate', 'asked.yaml');
    assert.deepEqual(valid.services, ['asked']);
  });

  test('validate and schema know the document of a controller', async () => {
    const head = 'apiVersion: rampart/v1\nkind: Controller\n';
    const file = stage.write(
      'controller.yaml',
      `${head}spec: { publicUrl: https://rampart.example, trustProxy: [10.0.0.0/8] }\n`,
    );
    assert.deepEqual(await stage.json(0, 'validate', file), { file, valid: true, services: [], controller: true });
    assert.match((await stage.cli('validate', file)).out, /controller\.yaml: the controller fine/);
    const bad = stage.write('bad-controller.yaml', `${head}spec:\n  trustProxy: [999.1.1.1]\n`);
    const refused = await stage.cli('up', '--listen', '127.0.0.1:0', '--config', bad);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /bad-controller\.yaml:4:16: expected an address or a network/);
    assert.equal((await stage.cli('validate', bad)).err, refused.err);
    const schema = await stage.json<{ properties: { kind: { const: string } } }>(0, 'schema', 'Controller');
    assert.equal(schema.properties.kind.const, 'Controller');
  });

  test('schema prints the JSON Schema of a document', async () => {
    const schema = await stage.json<Record<string, unknown>>(0, 'schema');
    assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
    assert.equal(schema.type, 'object');
    const text = JSON.stringify(schema);
    for (const word of ['metadata', 'canary', 'blueGreen', 'worseBy', 'builtin', 'process'])
      assert(text.includes(`"${word}"`), word);
    // Every reference inside leads somewhere.
    for (const [, path = ''] of text.matchAll(/"\$ref":"#\/([^"]*)"/g)) {
      let at: unknown = schema;
      for (const key of path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')))
        at = (at as Record<string, unknown>)[key];
      assert.notEqual(at, undefined, path);
    }
  });

  test('an unknown command or flag is wrong input, and help is not', async () => {
    for (const words of [['fly'], ['status', '--fast'], ['release', 'x.yaml'], []]) {
      const { code, out, err } = await stage.cli(...words);
      assert.equal(code, 2, words.join(' '));
      assert.equal(out, '');
      assert.notEqual(err, '');
    }
    const help = await stage.cli('release', '--help');
    assert.equal(help.code, 0);
    assert.match(help.out, /^Usage: rampart release/);
    const { code, out } = await stage.cli('--version');
    assert.equal(code, 0);
    assert.match(out, /^\d+\.\d+\.\d+\n$/);
  });

  test('a command that needs a controller says that none runs and how to start one', async () => {
    await stage.place('server');
    const commands = [['status'], ['release', 'server.yaml', '--version', '1.0.0'], ['pause', 'shop']];
    for (const words of commands) {
      const { code, fix } = await stage.json<Refusal>(3, ...words);
      assert.equal(code, 'E_NO_CONTROLLER', words[0]);
      assert.match(fix, /rampart up --data/);
    }
    assert.equal((await stage.json<Refusal>(3, 'audit', 'verify')).code, 'E_LOG_UNAVAILABLE');
    // The door of a controller that was killed leads nowhere.
    stage.write('data/api.json', JSON.stringify({ url: 'http://127.0.0.1:9', token: 'x', pid: 1 }));
    const gone = await stage.json<Refusal>(3, 'status');
    assert.equal(gone.code, 'E_UNREACHABLE');
    // A plan needs none.
    const plan = await stage.json<{ stable: string }>(
      0,
      'plan',
      'server.yaml',
      '--version',
      '2.0.0',
      '--stable',
      '1.0.0',
      '--rps',
      '40',
    );
    assert.equal(plan.stable, '1.0.0');
  });
});
