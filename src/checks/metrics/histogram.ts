import { sentence } from '../sentences.ts';
import type { Family, Problem } from './exposition.ts';
import type { Sample } from './sample-line.ts';

type Placed = Family['samples'][number];

/** What is wrong with the samples of a histogram or a summary, beside their form: buckets that fall, a last bucket that is missing. */
export function histogramProblems(family: Family): readonly Problem[] {
  if (family.type === 'summary') return family.samples.flatMap((sample) => quantileProblem(family.name, sample) ?? []);
  if (family.type !== 'histogram') return [];
  const problems: Problem[] = [];
  const buckets = new Map<string, { readonly first: Placed; readonly all: [number, number][] }>();
  const counts = new Map<string, Placed>();
  for (const sample of family.samples) {
    if (sample.name === `${family.name}_count`) counts.set(keyOf(sample), sample);
    else if (sample.name === family.name)
      problems.push({
        line: sample.line,
        text: sentence(
          '$ is a histogram, and this is no bucket, sum or count of it',
          '$ — гистограмма, а это не bucket, sum и не count',
          family.name,
        ),
      });
    else if (sample.name === `${family.name}_bucket`) {
      const bound = boundOf(sample);
      if (bound === null) {
        problems.push({
          line: sample.line,
          text: sentence('a bucket of $ without a bound (le)', 'у $ есть bucket без границы (le)', family.name),
        });
        continue;
      }
      const group = buckets.get(keyOf(sample)) ?? { first: sample, all: [] };
      group.all.push([bound, sample.value]);
      buckets.set(keyOf(sample), group);
    }
  }
  for (const [key, { first, all }] of buckets) problems.push(...bucketProblems(family.name, first.line, all, counts.get(key)));
  return problems;
}

function bucketProblems(
  name: string,
  line: number,
  all: readonly (readonly [number, number])[],
  count: Placed | undefined,
): readonly Problem[] {
  const sorted = all.toSorted(([a], [b]) => a - b);
  const problems: Problem[] = [];
  const [last, total] = sorted.at(-1) ?? [Number.NaN, 0];
  if (last !== Number.POSITIVE_INFINITY)
    problems.push({ line, text: sentence('$ has no bucket le="+Inf"', 'у $ нет bucket с le="+Inf"', name) });
  else if (count && count.value !== total)
    problems.push({
      line: count.line,
      text: sentence('$_count is $, and its last bucket $', '$_count равен $, а последний bucket — $', name, count.value, total),
    });
  const fallen = sorted.find(([, value], index) => value < (sorted[index - 1]?.[1] ?? 0));
  if (fallen)
    problems.push({
      line,
      text: sentence(
        'the bucket le="$" of $ has less than the one before',
        'в bucket le="$" у $ меньше, чем в предыдущем',
        String(fallen[0]),
        name,
      ),
    });
  return problems;
}

function quantileProblem(name: string, sample: Placed): readonly Problem[] | null {
  if (sample.name !== name) return null;
  const [, quantile] = sample.labels.find(([label]) => label === 'quantile') ?? [];
  if (quantile !== undefined && Number(quantile) >= 0 && Number(quantile) <= 1) return null;
  return [
    {
      line: sample.line,
      text: sentence('a value of the summary $ without a quantile from 0 to 1', 'значение $ без квантиля от 0 до 1', name),
    },
  ];
}

function boundOf(sample: Sample): number | null {
  const [, text] = sample.labels.find(([label]) => label === 'le') ?? [];
  if (text === undefined || text === '') return null;
  const bound = /^\+?inf(inity)?$/i.test(text) ? Number.POSITIVE_INFINITY : Number(text);
  return Number.isNaN(bound) ? null : bound;
}

/** What tells one histogram of a family from another. */
function keyOf(sample: Sample): string {
  return JSON.stringify(sample.labels.filter(([label]) => label !== 'le'));
}
