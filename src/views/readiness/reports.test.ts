import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ItemState } from '../../readiness/types.ts';
import { cleanText } from '../report-text/clean-text.ts';
import { webAddress } from '../report-text/web-address.ts';
import { type ReportForm, reportForms } from './forms.ts';
import { reportJson } from './json.ts';
import { hostile, notReady, ready } from './report.fixture.ts';
import type { ReportInput, ReportLanguage } from './report-input.ts';
import { terminalReport } from './terminal.ts';
import { reportWords } from './words.ts';

const forms = Object.entries(reportForms) as readonly [string, ReportForm][];
const languages: readonly ReportLanguage[] = ['en', 'ru'];

/** The same value with the keys of every mapping the other way round, as another store may give it. */
function reversed<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(reversed) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  ) as Value;
}

for (const [name, { write }] of forms) {
  test(`${name}: the same input gives the same bytes, wherever it comes from`, () => {
    for (const language of languages) {
      const text = write(notReady, language);
      assert.equal(write(structuredClone(notReady), language), text);
      assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'));
    }
    assert.equal(reportForms.json.write(reversed(notReady), 'en'), reportForms.json.write(notReady, 'en'));
  });

  test(`${name}: has what stops the release, what to do, and who has signed`, () => {
    const [en, ru] = languages.map((language) => write(notReady, language)) as [string, string];
    for (const text of ['3 of 120 tests failed', 'mend what the tests found', 'nothing says tlsHost'])
      assert.ok(en.includes(text), `${text} is missing`);
    for (const text of ['провалено 3 теста из 120', 'исправьте то, что нашли тесты', 'не задано: tlsHost'])
      assert.ok(ru.includes(text), `${text} is missing`);
    assert.ok(en.includes(notReady.hash) && ru.includes(notReady.hash));
    assert.ok(!/undefined|\[object|NaN/.test(en + ru));
    assert.notEqual(write(ready, 'en'), write(ready, 'ru'));
  });
}

test('a text of an attacker commands no terminal, is no tag and no sign of Markdown', () => {
  for (const language of languages) {
    for (const form of ['text', 'md', 'html', 'junit'] as const) {
      const text = reportForms[form].write(notReady, language);
      assert.ok(!/[\x00-\x09\x0b-\x1f\x7f\u202e]/.test(text), `${form} has control characters`);
    }
    for (const form of ['html', 'junit'] as const) assert.ok(!reportForms[form].write(notReady, language).includes('<img'));
  }
  assert.equal(cleanText(hostile), `<img src=x onerror=alert(1)> & "quoted" red  txt | *a* \`b\` ]]>`);
  assert.equal(cleanText('a\n\u001b]0;title\u0007b\ud800'), 'a b\ufffd');
  assert.match(reportForms.md.write(notReady, 'en'), /\\<img src=x onerror=alert\(1\)\\>/);
  for (const address of ['javascript:alert(1)', 'data:text/html,x', 'nowhere']) assert.equal(webAddress(address), null);
});

test('a terminal of any width is kept, but for words that are longer, and without colours there are no codes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.constantFrom(...languages), (width, language) => {
      const lines = terminalReport(notReady, language, { width, paint: (_, text) => text }).split('\n');
      for (const line of lines)
        assert.ok(line.length <= Math.max(40, width) || !line.trim().includes(' '), `${line.length} of ${width}: ${line}`);
    }),
    { numRuns: 50 },
  );
});

test('a terminal with colours says the same', () => {
  const plain = terminalReport(notReady, 'en', { width: 80, paint: (_, text) => text });
  const painted = terminalReport(notReady, 'en', { width: 80, paint: (_, text) => `\u001b[1m${text}\u001b[0m` });
  assert.notEqual(painted, plain);
  assert.equal(painted.replaceAll('\u001b[1m', '').replaceAll('\u001b[0m', ''), plain);
});

test('JSON has its keys in a fixed order, verdict first', () => {
  const value = reportJson(notReady, 'en');
  assert.deepEqual(Object.keys(value).slice(0, 4), ['verdict', 'score', 'phases', 'service']);
  assert.equal(value.phases[0]?.items[0]?.why, '3 of 120 tests failed');
  assert.equal(reportJson(notReady, 'ru').phases[0]?.items[0]?.why, 'провалено 3 теста из 120');
  assert.deepEqual(value.comparison?.changes[0], {
    item: 'code.tests',
    title: 'All tests pass',
    kind: 'worse',
    before: 'pass',
    after: 'fail',
  });
});

/** The fixture with one item alone, as it is given. */
function alone(item: Partial<ItemState>): ReportInput {
  const [phase] = notReady.report.phases;
  const [first] = phase?.items ?? [];
  assert.ok(phase && first);
  return { ...notReady, report: { ...notReady.report, phases: [{ ...phase, items: [{ ...first, ...item }] }] } };
}

const outcomes: readonly (readonly [Partial<ItemState>, string])[] = [
  [{ severity: 'blocker', status: 'fail' }, 'failure'],
  [{ severity: 'blocker', status: 'unproven' }, 'error'],
  [{ severity: 'blocker', status: 'warn' }, 'system-out'],
  [{ severity: 'blocker', status: 'pass' }, 'system-out'],
  [{ severity: 'blocker', status: 'exempt' }, 'skipped'],
  [{ severity: 'blocker', status: 'skipped' }, 'skipped'],
  [{ severity: 'warning', status: 'fail' }, 'skipped'],
  [{ severity: 'warning', status: 'unproven' }, 'skipped'],
];

for (const [item, element] of outcomes)
  test(`JUnit: a ${item.severity} that is ${item.status} is ${element}`, () => {
    const text = reportForms.junit.write(alone(item), 'en');
    assert.match(text, new RegExp(`<${element}[ >]`));
    const isRed = element === 'failure' || element === 'error';
    assert.equal(/ (failures|errors)="1"/.test(text), isRed);
  });

test('HTML asks nothing of anybody: no script, no style, picture or font from outside', () => {
  for (const input of [notReady, ready]) {
    const text = reportForms.html.write(input, 'en');
    assert.ok(!/<(script|link|img|iframe|object|embed|form)\b|<[^>]*\s(src|on\w+)=|@import|url\(/i.test(text));
    assert.match(text, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/);
  }
  assert.match(reportForms.html.write(notReady, 'en'), /<a href="https:\/\/wiki\.example\.com\/restore\?run=7&amp;ok=1"/);
});

test('counts are in the plural where they have one', () => {
  const words = reportWords.en;
  assert.equal(words.counted('skipped', 1), '1 does not apply');
  assert.equal(words.counted('skipped', 7), '7 do not apply');
  assert.equal(words.counted('fail', 7), '7 failed');
});

test('a role without a title of its own is named in the language of the report', () => {
  const roles = [{ role: 'security', title: 'security', by: null }];
  const text = reportForms.text.write({ ...notReady, roles, signOffs: [], unsigned: ['security'] }, 'ru');
  assert.match(text, /нет подписи: Безопасность/);
});
