import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkAnswer, sentenceMax, sentencesMax } from './check.ts';
import { numbersIn, strangeNumber } from './numbers.ts';
import type { Checked, DropReason, Fact } from './types.ts';

const atMs = Date.UTC(2026, 10, 29, 4, 6, 40);
const facts: readonly Fact[] = [
  {
    id: 'E104',
    seq: 104,
    atMs,
    who: 'rampart',
    lines: ['P0 opened: shop burns its budget', '193 of 2,400 events were bad; 0.745 %'],
  },
  { id: 'E107', seq: 107, atMs: atMs + 60_000, who: 'anna', lines: ['taken by anna after 5 min', 'see db.example.com'] },
  { id: 'E112', seq: 112, atMs: atMs + 120_000, who: 'rampart', lines: ['release 1.1.0 taken back; 1.0.0 has all traffic'] },
];

/** The answer of an endpoint around what a model has written. */
function answer(content: unknown, more: object = {}): string {
  const message = { role: 'assistant', content: typeof content === 'string' ? content : JSON.stringify(content), refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop', ...more }];
  return JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm', choices });
}

const checked = (...sentences: readonly unknown[]): Checked => checkAnswer(answer({ sentences }), facts);

/** Why the only sentence of an answer does not stand; null: it does. */
function reasonOf(text: string, cites: unknown): DropReason | null {
  const other = { text: 'Anna took it.', cites: ['E107'] };
  const found = checked(other, { text, cites });
  assert.equal(found.kind, 'narrated');
  return (Object.keys(found.kind === 'narrated' ? found.dropped : {})[0] as DropReason | undefined) ?? null;
}

const table: readonly [name: string, text: string, cites: unknown, DropReason | null][] = [
  ['what the events say stands', '193 of 2,400 events were bad.', ['E104'], null],
  ['without the comma of thousands', 'Of 2400 events 193 were bad, 0.745 %.', ['E104'], null],
  ['a moment of a cited event', 'At 04:06 on 2026-11-29 it was opened as P0.', ['E104'], null],
  ['with ids in the text that there are', 'Anna took it after 5 min (E107, E104).', ['E107'], null],
  ['a span as one word', 'Anna took it within a 5-minute span.', ['E107'], null],
  ['an address that the event has', 'Anna looked at db.example.com then.', ['E107'], null],
  ['versions as they are', '1.1.0 was taken back for 1.0.0.', ['E112'], null],
  ['it cites nothing', 'Anna took the incident.', [], 'uncited'],
  ['it has no cites', 'Anna took the incident.', undefined, 'uncited'],
  ['cites are no list', 'Anna took the incident.', 'E107', 'uncited'],
  ['it cites an event that there is not', 'Anna took the incident.', ['E107', 'E999'], 'unknown-event'],
  ['the id is spelled otherwise', 'Anna took the incident.', ['e107'], 'unknown-event'],
  ['the id is a number', 'Anna took the incident.', [107], 'unknown-event'],
  ['an id in the text that there is not', 'Anna took the incident (E5).', ['E107'], 'unknown-event'],
  ['a number of an event that it does not cite', '193 of 2,400 events were bad.', ['E107'], 'number'],
  ['a number of nobody', 'Then 194 events were bad.', ['E104'], 'number'],
  ['a number that it has worked out', 'About 8 % of the events were bad.', ['E104'], 'number'],
  ['a part of a number', 'Then 2 events were bad.', ['E104'], 'number'],
  ['two numbers read as one', 'Then 193 400 events were bad.', ['E104'], 'number'],
  ['a number in words', 'Half of the events were bad.', ['E104'], 'number'],
  ['a number in Russian words', 'Пострадали две тысячи запросов.', ['E104'], 'number'],
  ['a fraction in words', 'A fifth of the events was bad.', ['E104'], 'number'],
  ['a fraction in Russian words', 'Пострадала десятая часть запросов.', ['E104'], 'number'],
  ['a thousand times as many', 'Then 193k events were bad.', ['E104'], 'number'],
  ['so many times as many', 'It was 193x worse then.', ['E104'], 'number'],
  ['digits of another script', 'Then ١٩٣ events were bad.', ['E104'], 'number'],
  ['a fraction as one sign', 'Then ½ of the events were bad.', ['E104'], 'number'],
  ['another version', '1.2.0 was taken back.', ['E112'], 'number'],
  ['another severity', 'It was opened as P1.', ['E104'], 'number'],
  ['a link', 'Anna took it, see https://evil.example', ['E107'], 'markup'],
  ['a link of Markdown', 'Anna [took it](x).', ['E107'], 'markup'],
  ['a tag', 'Anna <b>took</b> it.', ['E107'], 'markup'],
  ['code', 'Anna ran `rm -r` then.', ['E107'], 'markup'],
  ['several lines', 'Anna took it.\nIt is over.', ['E107'], 'markup'],
  ['a text that turns round', 'Anna took \u202eti.', ['E107'], 'markup'],
  ['signs that nobody sees', 'Anna\u200b took it.', ['E107'], 'markup'],
  ['a command of a terminal', 'Anna \u001b[31mtook it.', ['E107'], 'markup'],
  ['an address without a scheme', 'Anna looked at evil.example then.', ['E107'], 'name'],
  ['what looks like a key', 'The key is sk-abcdefghijklmnopqrst.', ['E107'], 'secret'],
  ['what looks like a password', 'Anna used password=hunter then.', ['E107'], 'secret'],
  ['too long', 'a '.repeat(sentenceMax), ['E107'], 'length'],
  ['next to nothing', 'Ok.', ['E107'], 'length'],
  ['said before', 'anna took it.', ['E107'], 'repeated'],
];
for (const [name, text, cites, reason] of table)
  test(`${reason ?? 'stands'}: ${name}`, () => assert.equal(reasonOf(text, cites), reason));

test('sentences that stand keep their order and cite positions in the log; the others are counted', () => {
  const found = checked(
    { text: 'It was opened as P0.', cites: ['E104'] },
    { text: 'Nobody was hurt.', cites: [] },
    { text: '7 people were hurt.', cites: ['E107'] },
    { text: '1.1.0 was taken back after anna took it.', cites: ['E112', 'E107', 'E112'] },
    'no sentence',
    null,
  );
  assert.deepEqual(found, {
    kind: 'narrated',
    sentences: [
      { text: 'It was opened as P0.', seqs: [104] },
      { text: '1.1.0 was taken back after anna took it.', seqs: [107, 112] },
    ],
    dropped: { uncited: 3, number: 1 },
  });
});

test('of an endless list the first sentences are taken', () => {
  const many = Array.from({ length: 500 }, (_, index) => ({
    text: `Anna took it ${'again '.repeat(index % 60)}then.`,
    cites: ['E107'],
  }));
  const found = checked(...many);
  assert.ok(found.kind === 'narrated' && found.sentences.length === sentencesMax);
  assert.ok((found.dropped.length ?? 0) >= 400);
});

const garbage: readonly [name: string, body: string, why: RegExp, isTrouble: boolean][] = [
  ['nothing', '', /something else than chat completions/, true],
  ['a page', '<html>Bad gateway</html>', /something else/, true],
  ['an error with 200', '{"error":{"message":"no","type":"server_error"}}', /something else/, true],
  ['no choice', '{"choices":[]}', /something else/, true],
  ['a choice of nothing', '{"choices":[null]}', /something else/, true],
  [
    'tools in place of a text',
    answer('', { message: { role: 'assistant', content: null, tool_calls: [] } }),
    /something else/,
    true,
  ],
  ['prose', answer('Here you are: it was bad.'), /not the JSON/, true],
  ['other JSON', answer({ narration: 'it was bad' }), /not the JSON/, true],
  ['a list that is none', answer({ sentences: 'it was bad' }), /not the JSON/, true],
  ['cut off', answer('{"sentences":[{"te', { finish_reason: 'length' }), /cut off: it needs more tokens/, false],
  ['filtered', answer('', { finish_reason: 'content_filter' }), /a filter/, false],
  ['a refusal', answer('', { message: { role: 'assistant', content: null, refusal: 'I cannot' } }), /refuses/, false],
  ['no sentence', answer({ sentences: [] }), /nothing to say/, false],
  [
    'none that stands',
    answer({ sentences: [{ text: '9 of 9.', cites: ['E1'] }] }),
    /none of its 1 sentences stood up to the check \(1 citing/,
    false,
  ],
];
for (const [name, body, why, isTrouble] of garbage)
  test(`no narration: ${name}`, () => {
    const found = checkAnswer(body, facts);
    assert.ok(found.kind === 'none' && typeof found.why !== 'string');
    assert.match(found.why.en, why);
    assert.match(found.why.ru, /[а-я]/);
    assert.equal(found.isTrouble, isTrouble);
  });

test('a fence around the JSON is no reason', () => {
  const content = `\`\`\`json\n${JSON.stringify({ sentences: [{ text: 'Anna took it.', cites: ['E107'] }] })}\n\`\`\``;
  assert.equal(checkAnswer(answer(content), facts).kind, 'narrated');
});

const ids = fc.constantFrom('E104', 'E107', 'E112', 'E1', 'E1040', 'e104', '', '104');
const pieces = fc.constantFrom(
  ...[
    'Anna',
    'took',
    'it',
    '193',
    '2,400',
    '2 400',
    '0.745',
    '%',
    '5',
    'min',
    '194',
    'P0',
    'P1',
    '1.1.0',
    '04:06',
    '04:07:40',
    'half',
  ],
  ...[
    'две',
    '(E104)',
    '(E9)',
    '[E107]',
    '<b>',
    '`',
    '\n',
    '\u202e',
    'http://x',
    'x.example',
    'db.example.com',
    'a@b.example',
    '٣',
    '.',
    ',',
  ],
);
const sentence = fc.record(
  {
    text: fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(' ')),
      fc.string({ unit: 'grapheme' }),
    ),
    cites: fc.oneof(
      fc.array(fc.oneof(ids, fc.anything()), { maxLength: 4 }),
      fc.array(fc.constantFrom('E104', 'E107', 'E112'), { minLength: 1, maxLength: 3 }),
      fc.anything(),
    ),
  },
  { requiredKeys: [] },
);

test('whatever a model writes: no sentence stands that cites nothing or what is not there, or has a number, link or sign of its own', () => {
  let stood = 0;
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 20, arbitrary: sentence }, fc.anything()), { maxLength: 20 }), (sentences) => {
      let body: string;
      try {
        body = answer({ sentences });
      } catch {
        return; // What no JSON can hold.
      }
      const found = checkAnswer(body, facts);
      if (found.kind === 'none') return;
      stood += found.sentences.length;
      assert.ok(found.sentences.length <= sentencesMax);
      for (const { text, seqs } of found.sentences) {
        const cited = facts.filter(({ seq }) => seqs.includes(seq));
        assert.ok(seqs.length > 0 && cited.length === seqs.length, 'it cites events that there are, each once');
        assert.ok(text.length <= sentenceMax);
        assert.doesNotMatch(text, /[<>`[\]@\n\u202e]|:\/\//);
        const lines = cited.flatMap(({ lines: all, atMs: ms }) => [...all, new Date(ms).toISOString()]).join(' ');
        const digits = lines.replace(/(?<=\d),(?=\d)/g, '');
        for (const [number] of text.replace(/(?<=\d),(?=\d)/g, '').matchAll(/\p{N}+(?:[.:]\p{N}+)*/gu))
          assert.ok(digits.includes(number), `${number} of ${JSON.stringify(text)} is in ${digits}`);
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(stood > 100, `some stand, else nothing was looked at: ${stood}`);
});

test('whatever an endpoint sends, it is judged and never thrown at', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.anything().map((value) => JSON.stringify({ choices: [value] }) ?? ''),
      ),
      (body) => {
        assert.ok(['none', 'narrated'].includes(checkAnswer(body, facts).kind));
      },
    ),
  );
});

test('a hostile answer takes no more than a moment', () => {
  const long = answer({ sentences: Array.from({ length: 90 }, () => ({ text: `${'1-a.b/'.repeat(130)}`, cites: ['E104'] })) });
  const begunMs = performance.now();
  checkAnswer(long, facts);
  checkAnswer(answer({ sentences: [{ text: 'E1, '.repeat(20_000), cites: ['E104'] }] }), facts);
  assert.ok(performance.now() - begunMs < 1_000);
});

test('numbers are those that are written, in Russian too', () => {
  const known = numbersIn(['плохих событий 193 из 2\u00a0400, это 0,745 % бюджета, 10с']);
  for (const right of ['193 из 2\u00a0400', '193 из 2 400', 'из 2400', '0,745 %', '10 с'])
    assert.equal(strangeNumber(right, known), null, right);
  for (const wrong of ['2', '400', '0.745', '0,74', '745', '193 2', 'дважды', 'двадцать'])
    assert.notEqual(strangeNumber(wrong, known), null, wrong);
});
