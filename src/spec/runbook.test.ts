import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { SpecError } from './problem.ts';
import { runbookDocument } from './runbook.ts';
import { standIns } from './stand-ins.fixture.ts';
import { statusPageDocument } from './status-page.ts';

const kinds = { Runbook: runbookDocument(standIns.checks), StatusPage: statusPageDocument };
const runbook = (steps: string, more = '') => `apiVersion: rampart/v1
kind: Runbook
metadata: { name: errors }
spec:
  alerts: ["availability *"]
${more}  steps:
${steps}`;

function problemsOf(text: string): readonly string[] {
  try {
    parseDocuments(text, 'a.yaml', kinds);
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

test('a runbook has steps for people, looks and checks, each with a budget', () => {
  const [document] = parseDocuments(
    runbook(`    - { do: { en: Call, ru: Позвонить }, within: 5m }
    - { look: releases }
    - { check: { tcp: { host: db, port: 5432 } }, title: Is the database there, timeout: 3s }
`),
    'a.yaml',
    kinds,
  );
  assert.ok(document?.kind === 'Runbook');
  assert.deepEqual(
    document.value.steps.map(({ withinMs, does }) => [withinMs / 60_000, does]),
    [
      [5, { kind: 'person' }],
      [15, { kind: 'look', at: 'releases' }],
      [15, { kind: 'check', check: { kind: 'tcp', config: { host: 'db', port: 5432 } }, timeoutMs: 3_000 }],
    ],
  );
});

test('what is wrong with a step is told at its place', () => {
  assert.deepEqual(problemsOf(runbook('    - { lock: releases }\n')), [
    '7:9 unknown key "lock"; did you mean "look"? Known here: check, do, look, text, timeout, title, within',
  ]);
  assert.deepEqual(problemsOf(runbook('    - { look: release }\n')), [
    '7:15 expected releases, signals, instances or alerts, found "release"; did you mean "releases"?',
  ]);
  assert.match(
    problemsOf(runbook('    - { check: { tpc: {} }, title: x }\n'))[0] ?? '',
    /^7:18 unknown check "tpc"; did you mean "tcp"\?/,
  );
  assert.match(problemsOf(runbook('    - { do: x, within: 3s }\n'))[0] ?? '', /^7:24 expected/);
});

const page = (components: string, more = '') => `apiVersion: rampart/v1
kind: StatusPage
metadata: { name: acme }
spec:
  title: Acme
${more}  components:
${components}`;

test('what is wrong with a status page is told at its place', () => {
  assert.deepEqual(problemsOf(page('    - { name: shop, services: [shop] }\n')), []);
  assert.deepEqual(problemsOf(page('    - { name: shop, services: [shop], group: al }\n', '  groups: [{ name: all }]\n')), [
    '8:46 expected the name of a group, found "al"; did you mean all?',
  ]);
  assert.deepEqual(problemsOf(page('    - { name: shop, services: [shop], outage: { partial: 60% } }\n')), [
    '7:58 expected less than outage.major, which is 50%',
  ]);
  assert.match(
    problemsOf(page('    - { name: shop, services: [shop] }\n    - { name: shop, services: [a] }\n'))[0] ?? '',
    /^8:15 component 1 is already called/,
  );
  assert.match(
    problemsOf(page('    - { name: shop, services: [shop] }\n', '  timeZone: Europe/Belrin\n'))[0] ?? '',
    /^6:13 expected a time zone/,
  );
});
