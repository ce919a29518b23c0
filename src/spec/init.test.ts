import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDocuments } from './document.ts';
import { type InitAnswers, initialDocument } from './init.ts';
import { serviceDocument } from './service.ts';
import { documentWith, standIns } from './stand-ins.fixture.ts';

const kinds = { Service: serviceDocument(standIns) };
const specOf = (text: string) => parseDocuments(text, 'rampart.yaml', kinds)[0]?.value;
const answers: InitAnswers = {
  name: 'checkout',
  command: ['node', 'server.js'],
  listen: '127.0.0.1:8080',
  healthPath: '/health',
  replicas: 2,
  strategy: 'canary',
};

test('whatever is answered, the document validates and says just that', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      'yes',
      'null',
      '~',
      '1e3',
      '0x1f',
      '# no comment',
      '- a',
      'a: b',
      '*a',
      '&a',
      '!t',
      '',
      ' ',
      '---',
      '%',
      '{port}',
      '"',
      "'",
      '\u2028',
      '\ufeff',
      '\x85',
      '.5',
      '=',
      '<<',
    ),
  );
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
  const owner = fc.string({ minLength: 1, maxLength: 30 }).filter((text) => /^[^\x00-\x1f\x7f]+$/.test(text));
  const any = fc.record<InitAnswers>(
    {
      name: label,
      owner,
      command: fc.array(word, { minLength: 1, maxLength: 5 }),
      listen: fc
        .tuple(fc.constantFrom('127.0.0.1', '0.0.0.0', '[::1]', 'localhost'), fc.nat({ max: 65_535 }))
        .map(([host, port]) => `${host}:${port}`),
      healthPath: fc.webPath().map((path) => `/${path}`),
      replicas: fc.integer({ min: 1, max: 100 }),
      strategy: fc.constantFrom('canary', 'blueGreen'),
    },
    { requiredKeys: ['name', 'command', 'listen', 'healthPath', 'replicas', 'strategy'] },
  );
  fc.assert(
    fc.property(any, (given) => {
      const spec = specOf(initialDocument(given));
      const config = spec?.target.config as { command: readonly string[]; replicas: number; health: { path: string } };
      assert.equal(spec?.name, given.name);
      assert.equal(spec?.owner, given.owner ?? null);
      assert.deepEqual(config.command, given.command);
      assert.equal(config.health.path, given.healthPath);
      assert.equal(config.replicas, given.replicas);
      assert.equal(spec?.release.strategy.kind, given.strategy);
    }),
    { numRuns: 1_000 },
  );
});

test('what it spells out is the default', () => {
  assert.deepEqual(specOf(initialDocument(answers))?.release, specOf(documentWith())?.release);
});

test('every part that is commented out can be switched on', () => {
  for (const strategy of ['canary', 'blueGreen'] as const) {
    const text = initialDocument({ ...answers, strategy });
    const on = text.replace(/^( *)# ((- )?(\{|[a-zA-Z]+:( |$)).*| {2}- \{.*)$/gm, '$1$2');
    assert.equal(on.split('\n').filter((line, i) => line !== text.split('\n')[i]).length > 8, true);
    const spec = specOf(on);
    assert.equal(spec?.owner, 'my-team');
    assert.equal(spec?.release.smoke[0]?.contains, 'Welcome');
    assert.deepEqual(spec?.release.approval, { expiresMs: 86_400_000 });
    assert.equal(spec?.release.database?.backup?.action.kind, 'backup');
  }
});
