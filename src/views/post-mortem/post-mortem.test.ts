import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textIn } from '../../spec/text.ts';
import { type PostMortemForm, postMortemForms } from './forms.ts';
import { at, hostileInput, rolledBack } from './post-mortem.fixture.ts';
import { postMortem } from './post-mortem.ts';
import type { PostMortem, PostMortemInput } from './types.ts';
import { postMortemWords } from './words.ts';

const forms = Object.entries(postMortemForms) as readonly [string, PostMortemForm][];
const languages = ['en', 'ru'] as const;

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

test('the clocks are those of the counts where they know better, and each lag is from the beginning', () => {
  const { clocks } = postMortem(rolledBack);
  assert.deepEqual(
    clocks.map(({ name, atMs, lagMs, basis, seq }) => [name, atMs, lagMs, basis, seq]),
    [
      ['started', at(400), 0, 'counts', null],
      ['detected', at(404), 40_000, 'record', 101],
      ['told', at(405), 50_000, 'record', 102],
      ['acknowledged', at(430), 300_000, 'record', 107],
      ['mitigated', at(436), 360_000, 'record', 109],
      ['ended', at(424), 240_000, 'counts', 112],
    ],
  );
});

test('the impact is exact: bad events and what would be usual, of the budget, and by version', () => {
  const [line] = postMortem(rolledBack).impact;
  assert(line);
  assert.deepEqual([line.counts.during.bad, line.counts.during.total], [193, 2_400]);
  // An hour before: 9 of 36,000.
  assert.deepEqual([line.expectedBad, line.excessBad], [0.6, 192.4]);
  assert.equal(line.allowed, 25_920);
  assert.equal(line.ofBudget, 193 / 25_920);
  assert.deepEqual(
    line.byVersion.map(({ version, bad, total }) => [version, bad, total]),
    [
      ['1.1.0', 192, 240],
      ['1.0.0', 1, 2_160],
    ],
  );
});

test('the machine has helped only where the counts say so, and what is offered and proposed has its numbers', () => {
  const { actions, offers, proposals, detection } = postMortem(rolledBack);
  assert.deepEqual(
    actions.map(({ id, help }) => [id, help[0]?.verdict]),
    [
      ['restart-1', 'no-help'],
      ['rollback-1', 'helped'],
    ],
  );
  assert.deepEqual([detection?.latencyMs, detection?.before?.bad], [40_000, 33]);
  const texts = offers.map(({ side, text }) => `${side}: ${textIn(text, 'en')}`);
  assert.ok(texts.includes('wrong: anna was not reached by sms: 21211: not a number'), texts.join('\n'));
  assert.ok(texts.some((text) => text.startsWith('lucky: 1.1.0 had 10 % of the events')));
  assert.ok(texts.includes('well: rollback-1 helped before any person had to act'));
  assert.deepEqual(
    proposals.map(({ id }) => id),
    ['unreachable-person/anna'],
  );
});

test('a way back that a person had to ask for, where the machine may do nothing, is proposed with its change; and why it asked for a person is said', () => {
  const { incident } = rolledBack;
  const byHand = {
    ...incident,
    actions: [],
    person: { atMs: at(410), why: { en: 'it may do nothing', ru: 'ей ничего нельзя' } },
  };
  const { proposals, offers } = postMortem({ ...rolledBack, incident: byHand });
  const proposal = proposals.find(({ kind }) => kind === 'automatic-rollback');
  assert.match(proposal?.diff ?? '', /^\+ {2}incidents: \{ respond: \{ P0: \[check, rollback\] \} \}$/m);
  assert.match(textIn(proposal?.proof ?? '', 'ru'), /через 3 мин 20 с после обнаружения/);
  assert.ok(offers.some(({ text }) => textIn(text, 'en') === 'the machine had to ask for a person: it may do nothing'));
});

test('what is not known is blank: nobody told, nothing counted, not over', () => {
  const { incident } = rolledBack;
  const bare: PostMortemInput = {
    ...rolledBack,
    incident: {
      ...incident,
      state: 'open',
      toldAtMs: null,
      acknowledgedAtMs: null,
      mitigatedAtMs: null,
      resolvedAtMs: null,
      alerts: [],
      actions: [],
      told: [],
    },
    entries: [],
    updates: [],
    measure: null,
    release: null,
    causes: [],
  };
  const known = postMortem(bare);
  assert.equal(known.detection, null);
  assert.deepEqual([known.impact, known.offers, known.proposals], [[], [], []]);
  assert.deepEqual(
    known.clocks.filter(({ atMs }) => atMs === null).map(({ name }) => name),
    ['told', 'acknowledged', 'mitigated', 'ended'],
  );
  for (const language of languages)
    for (const form of ['md', 'html'] as const)
      assert.doesNotMatch(postMortemForms[form].write(known, language), /undefined|NaN|Infinity|\[object/);
  const text = postMortemForms.md.write(known, 'en');
  assert.match(text, /## Root cause and contributing factors\n\n_Left for people to write_/);
  assert.match(text, /No objective has counts of this time/);
});

for (const [name, { write }] of forms)
  test(`${name}: the same record gives the same bytes, wherever it comes from`, () => {
    for (const language of languages) {
      const text = write(postMortem(rolledBack), language);
      assert.equal(write(postMortem(reversed(structuredClone(rolledBack))), language), text);
      assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'));
      assert.doesNotMatch(text, /undefined|NaN|Infinity|\[object/);
    }
  });

test('both languages have the numbers, and Russian has no English sentence of ours', () => {
  const [en, ru] = languages.map((language) => postMortemForms.md.write(postMortem(rolledBack), language)) as [string, string];
  assert.match(en, /193 of 2,400 events of shop\/availability were bad, 0\.6 would be usual; 0\.745 % of the budget/);
  assert.match(ru, /плохих событий 193 из 2\u00a0400, обычно было бы 0,6; это 0,745 % бюджета/);
  assert.match(en, /from 2026-11-29 04:06:40 to 2026-11-29 04:10:40 UTC, 4 min/);
  const texts = (value: object): readonly string[] =>
    Object.values(value).flatMap((one) => (typeof one === 'string' ? [one] : texts(one as object)));
  const russian = texts(postMortemWords.ru);
  for (const [index, text] of texts(postMortemWords.en).entries())
    if (text !== '–' && text !== 'UTC') assert.match(russian[index] ?? '', /[а-я]/i, text);
});

test('no text of an attacker becomes a tag, an attribute or a sign of Markdown, in any place', () => {
  const dangerous = fc
    .array(
      fc.constantFrom(
        '<script>',
        '</code>',
        '"',
        "'",
        '&',
        '`',
        '```',
        '\n',
        '|',
        '[x](javascript:alert(1))',
        '](',
        '<',
        '>',
        '# ',
        '\u202e',
        '\u0007',
        '- ',
        'a',
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((parts) => parts.join(''));
  const shape = (text: string) => text.match(/<[^>]*>/g)?.map((tag) => tag.replace(/(aria-label)="[^"]*"/, '$1')) ?? [];
  const plain = shape(postMortemForms.html.write(postMortem(hostileInput('aa')), 'en'));
  const lines = postMortemForms.md.write(postMortem(hostileInput('aa')), 'en').split('\n');
  fc.assert(
    fc.property(dangerous, (text) => {
      const known = postMortem(hostileInput(`a${text}a`));
      const html = postMortemForms.html.write(known, 'en');
      const written = (found: readonly string[]) => found.filter((tag) => !/^<\/?p( |>)/.test(tag));
      assert.deepEqual(written(shape(html)), written(plain));
      const md = postMortemForms.md.write(known, 'en');
      assert.ok(!/[\x00-\x09\x0b-\x1f\x7f\u202e]/.test(html + md));
      const heads = (found: readonly string[]) => found.filter((line) => /^#{1,2} /.test(line) && !line.startsWith('# ')).length;
      assert.equal(heads(md.split('\n')), heads(lines));
      assert.doesNotMatch(md.replace(/^(```+)diff\n[\s\S]*?\n\1$/m, ''), /(?<!\\)<script|(?<!\\)\[x(?<!\\)\]\(/);
    }),
    { numRuns: 40 },
  );
});

test('no secret in a text of somebody is handed on', () => {
  const secret = 'hunter2hunter2';
  const known = postMortem(
    hostileInput(`curl -H "Authorization: Bearer ${secret}" https://anna:${secret}@db.example.com password=${secret}`),
  );
  for (const language of languages)
    for (const [form, { write }] of forms) assert.ok(!write(known, language).includes(secret), form);
});

test('as data it has every field and number that it had, and a key of several lines is hidden too', () => {
  const written = (text: string) => ({ ...rolledBack.review, texts: { causes: { text, by: 'anna', atMs: 1 } } });
  const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASC\n-----END PRIVATE KEY-----';
  const shown = (text: string) =>
    JSON.parse(postMortemForms.json.write(postMortem({ ...rolledBack, review: written(text) }))) as PostMortem;
  assert.deepEqual(
    shown('a pool of 5\nand no alert'),
    JSON.parse(JSON.stringify(postMortem({ ...rolledBack, review: written('a pool of 5\nand no alert') }))),
  );
  assert.equal(shown(`before\n${key}\nafter`).review.texts.causes?.text, 'before\n-----BEGIN PRIVATE KEY----- [hidden]\nafter');
});

test('HTML asks nothing of anybody, and what is cited is there', () => {
  const text = postMortemForms.html.write(postMortem(rolledBack), 'en');
  assert.ok(!/<(script|link|img|iframe|object|embed|form)\b|<[^>]*\s(src|on\w+)=|@import|url\(/i.test(text));
  assert.match(text, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/);
  for (const [, id] of text.matchAll(/href="#(event-\d+)"/g)) assert.ok(text.includes(`id="${id}"`), `${id} is nowhere`);
  assert.match(text, /prefers-color-scheme: dark/);
  assert.match(text, /@media print/);
});
