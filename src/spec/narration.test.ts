import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { narrationDocument } from './narration.ts';
import { SpecError } from './problem.ts';

const read = (...lines: readonly string[]) => {
  const text = [
    'apiVersion: rampart/v1',
    'kind: Narration',
    'metadata: { name: llm }',
    'spec:',
    ...lines.map((line) => `  ${line}`),
  ].join('\n');
  const [document] = parseDocuments(text, 'narration.yaml', { Narration: narrationDocument });
  return document?.value;
};

test('an endpoint has a default for all but its address and its model', () => {
  assert.deepEqual(read('baseUrl: https://llm.example.com/v1/', 'model: m-1'), {
    name: 'llm',
    baseUrl: 'https://llm.example.com/v1',
    model: 'm-1',
    key: null,
    tls: undefined,
    language: 'en',
    timeoutMs: 20_000,
    maxTokens: 1_500,
    tokensField: 'max_completion_tokens',
    format: 'json_schema',
    perIncident: 5,
    perHour: 20,
    atResolve: false,
  });
});

test('a machine of its own needs no TLS, and neither does a network that somebody trusts', () => {
  for (const url of ['http://127.0.0.1:11434/v1', 'http://localhost:8000/v1', 'http://[::1]:8000/v1'])
    assert.equal(read(`baseUrl: "${url}"`, 'model: m-1')?.baseUrl, url);
  assert.ok(read('baseUrl: http://llm.internal:8000/v1', 'model: m-1', 'plainHttp: true'));
});

const mistakes: readonly [name: string, lines: readonly string[], problem: RegExp][] = [
  [
    'http beyond this machine',
    ['baseUrl: http://llm.internal/v1', 'model: m-1'],
    /^narration\.yaml:5:12: expected https, or an address of this machine; plainHttp: true/,
  ],
  [
    'a key in the document',
    ['baseUrl: https://a.example', 'model: m-1', 'key: sk-123456'],
    /^narration\.yaml:7:8: .*expected \{ env: NAME \} or \{ file: PATH \}/,
  ],
  [
    'a password in the address',
    ['baseUrl: https://a:b@a.example', 'model: m-1'],
    /^narration\.yaml:5:12: expected an address without a password/,
  ],
  ['no address', ['model: m-1'], /baseUrl is missing/],
  [
    'a key that it does not have',
    ['baseUrl: https://a.example', 'model: m-1', 'temprature: 1'],
    /^narration\.yaml:7:3: unknown key "temprature"/,
  ],
  ['too long', ['baseUrl: https://a.example', 'model: m-1', 'timeout: 5m'], /^narration\.yaml:7:12: /],
];
for (const [name, lines, problem] of mistakes)
  test(`refused with its place: ${name}`, () => {
    assert.throws(
      () => read(...lines),
      (error) => {
        assert(error instanceof SpecError);
        const [first] = error.problems;
        assert.match(`narration.yaml:${first?.line}:${first?.column}: ${first?.message}`, problem);
        return true;
      },
    );
  });
