import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JudgedSeries, KayentaSaid } from './said.ts';
import { kayentaEnglish } from './said-english.ts';
import { kayentaRussian } from './said-russian.ts';

const errors: JudgedSeries = { metric: { kind: 'errors' }, label: 'High', candidate: 2.1, stable: 0.1 };
const latency: JudgedSeries = {
  metric: { kind: 'latency', quantilePpm: 999_000 },
  label: 'Pass',
  candidate: 121.44,
  stable: 118,
};
const gauge: JudgedSeries = { metric: { kind: 'gauge', name: 'heap' }, label: 'Nodata', candidate: null, stable: 12_345.6 };
const judged = (more: Partial<KayentaSaid & { kind: 'judged' }>): KayentaSaid => ({
  kind: 'judged',
  candidate: '1.1.0',
  outcome: 'failed',
  score: 50,
  number: 3,
  passMin: 95,
  metrics: [errors],
  ...more,
});

const cases: readonly [said: KayentaSaid, english: string, russian: string][] = [
  [
    { kind: 'waiting', candidate: '1.1.0', leftS: 240 },
    "Kayenta's judge has not judged 1.1.0 yet: its first judgement is after 4 min more of traffic",
    'судья Kayenta ещё не оценивал 1.1.0: первая оценка через 4 мин трафика',
  ],
  [
    { kind: 'stale', candidate: '1.1.0', score: 100, number: 22, leftS: 45 },
    "Kayenta's judge gave 1.1.0 100 of 100 at its 22nd judgement, before this step began: the next is after 45 s more of traffic",
    'судья Kayenta поставил 1.1.0 100 из 100 при 22-й оценке, ещё до этого шага: следующая через 45 с трафика',
  ],
  [
    { kind: 'alone', candidate: '1.1.0', last: null },
    "1.1.0 has all of the traffic, so Kayenta's judge has nothing to compare it with, and has never judged it",
    'весь трафик идёт на 1.1.0, поэтому судье Kayenta не с чем сравнивать, и он ни разу не оценивал эту версию',
  ],
  [
    { kind: 'alone', candidate: '1.1.0', last: { score: 83.33, number: 1, passMin: 95 } },
    "1.1.0 has all of the traffic, so Kayenta's judge has nothing to compare it with; its 1st and last judgement was 83.33 of 100, where 95 passes",
    'весь трафик идёт на 1.1.0, поэтому судье Kayenta не с чем сравнивать; его последняя, 1-я оценка: 83,33 из 100, для прохода нужно 95',
  ],
  [
    judged({}),
    "Kayenta's judge gives 1.1.0 50 of 100 at its 3rd judgement: errors High (2.1 % against 0.1 %)",
    'судья Kayenta ставит 1.1.0 50 из 100 при 3-й оценке: ошибки High (2,1 % против 0,1 %)',
  ],
  [
    judged({ outcome: 'marginal', score: 83.33, number: 11, metrics: [errors, latency] }),
    "Kayenta's judge gives 1.1.0 83.33 of 100 at its 11th judgement, where 95 passes: errors High (2.1 % against 0.1 %), latency p99.9 Pass (121 ms against 118 ms)",
    'судья Kayenta ставит 1.1.0 83,33 из 100 при 11-й оценке, для прохода нужно 95: ошибки High (2,1 % против 0,1 %), задержка p99.9 Pass (121 мс против 118 мс)',
  ],
  [
    judged({ outcome: 'nodata', score: 0, number: 102, metrics: [gauge] }),
    "Kayenta's judge gives 1.1.0 0 of 100 at its 102nd judgement: heap Nodata (no data against 12300); without data a release is held, not taken back",
    'судья Kayenta ставит 1.1.0 0 из 100 при 102-й оценке: heap Nodata (нет данных против 12300); без данных выпуск приостанавливается, а не откатывается',
  ],
];
for (const [said, english, russian] of cases)
  test(`says in both languages: ${english}`, () => {
    assert.equal(kayentaEnglish(said), english);
    assert.equal(kayentaRussian(said), russian);
  });
