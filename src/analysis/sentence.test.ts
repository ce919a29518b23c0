import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Compared, Verdict } from './guard.ts';
import type { Said } from './said.ts';
import { languages, sentenceOf, toldIn, verdictIn } from './sentence.ts';

const compared: Compared = { candidate: '1.1.0', stable: '1.0.0' };
const share: Said = { kind: 'share', n: 0, all: 12, weight: 10, problem: 'few' };
const fresh: Said = { kind: 'fresh' };

const verdict: Verdict = {
  kind: 'blind',
  sentence: sentenceOf(share, compared, 'en'),
  said: share,
  metrics: [share, fresh].map((said) => ({
    metric: said.kind,
    test: 'data',
    kind: said === share ? 'blind' : 'pass',
    sentence: sentenceOf(said, compared, 'en'),
    said,
    candidate: { bad: 0, n: 0 },
    stable: null,
    logEvidence: null,
    logThreshold: null,
  })),
  faultAtMs: null,
};

test('a verdict in another language differs by its sentences alone', () => {
  const russian = verdictIn(verdict, compared, 'ru');
  assert.equal(russian.sentence, '1.1.0 получает 0 из 12 запросов на этом шаге при весе 10 %: слишком мало');
  assert.deepEqual(
    russian.metrics.map(({ sentence }) => sentence),
    [russian.sentence, 'измерения свежие'],
  );
  const english = verdict.metrics.map(({ sentence }, i) => ({ ...russian.metrics[i], sentence }));
  assert.deepEqual({ ...russian, sentence: verdict.sentence, metrics: english }, verdict);
});

test('in the language that it was made in it stays as it is', () => {
  assert.equal(verdictIn(verdict, compared, 'en'), verdict);
  assert.equal(languages[0], 'en');
});

test('what nobody has put into data stays as it is in every language', () => {
  for (const language of languages)
    assert.equal(toldIn({ sentence: 'paused by anna', said: null }, compared, language), 'paused by anna');
});
