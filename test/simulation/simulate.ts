import { parseArgs } from 'node:util';
import { playHistory } from './history.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '10000' }, seed: { type: 'string' }, from: { type: 'string', default: '1' } },
});
const seeds =
  values.seed === undefined
    ? { from: Number(values.from), count: Number(values.count) }
    : { from: Number(values.seed), count: 1 };
let failed = 0;
const outcomes = new Map<string, number>();
const startedMs = performance.now();
for (let seed = seeds.from; seed < seeds.from + seeds.count; seed += 1) {
  const result = await playHistory(seed);
  for (const outcome of result.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (result.violations.length > 0 || values.seed !== undefined)
    console.log(
      `${result.story}\n  outcomes: ${result.outcomes.join(', ')}\n  violations: ${result.violations.join('; ') || 'none'}\n`,
    );
  if (result.violations.length > 0) failed += 1;
}
console.log(
  `${seeds.count} histories, ${failed} with violations, ${((performance.now() - startedMs) / seeds.count).toFixed(1)} ms each`,
);
console.log([...outcomes].map(([outcome, count]) => `${outcome}: ${count}`).join(', '));
process.exitCode = failed > 0 ? 1 : 0;
