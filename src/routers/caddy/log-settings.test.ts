import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logProblem, logSnippet } from './log-settings.ts';

const file = '/var/log/caddy/rampart.log';
const { rampart: good } = JSON.parse(logSnippet(file));

const cases: readonly [name: string, logs: unknown, want: RegExp | null][] = [
  ['the snippet', { rampart: good }, null],
  ['the snippet beside others', { default: { level: 'ERROR' }, rampart: good }, null],
  ['no logs', undefined, /no log of its configuration/],
  ['another file', { rampart: { ...good, writer: { output: 'file', filename: '/tmp/x' } } }, /no log of its configuration/],
  ['the usual level', { rampart: { ...good, level: 'INFO' } }, /level of its log rampart is not DEBUG/],
  ['access logs only', { rampart: { ...good, include: ['http.log.access'] } }, /leaves http.handlers.reverse_proxy out/],
  ['everything but it', { rampart: { ...good, include: ['http'], exclude: ['http.handlers'] } }, /leaves .* out/],
  ['all of http', { rampart: { ...good, include: ['http'] } }, null],
  ['text for people', { rampart: { ...good, encoder: { format: 'console' } } }, /does not say "format": "json"/],
  ['samples', { rampart: { ...good, sampling: { interval: 1 } } }, /samples only/],
];
for (const [name, logs, want] of cases)
  test(`a configuration with ${name}`, () => {
    const problem = logProblem(logs, file);
    if (want === null) assert.equal(problem, null);
    else assert.match(problem ?? '', want);
  });
