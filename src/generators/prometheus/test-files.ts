import { durationText } from '../../spec/unit-text.ts';
import type { GeneratedFile } from '../generator.ts';
import type { Expected, UnitTest } from './burn-tests.ts';
import { yamlFile } from './rule-file.ts';

/** Tests for promtool, in one file for each interval between two evaluations: it has one for all of its tests. */
export function testFiles(
  name: string,
  rules: string,
  tests: readonly UnitTest[],
  says: readonly string[],
): readonly GeneratedFile[] {
  const evaluatedMs = ({ intervalMs, evaluatedEvery = 1 }: UnitTest): number => intervalMs * evaluatedEvery;
  const intervals = [...new Set(tests.map(evaluatedMs))].sort((a, b) => a - b);
  return intervals.map((ms) => {
    const interval = durationText(ms);
    const file = `${name}.${interval}.test.yml`;
    return yamlFile(`tests/${file}`, [`Tests of ${rules}: promtool test rules ${file}`, ...says], {
      rule_files: [`../${rules}`],
      evaluation_interval: interval,
      tests: tests.filter((test) => evaluatedMs(test) === ms).map(unitTest),
    });
  });
}

function unitTest({ name, input, expected, intervalMs }: UnitTest) {
  return {
    name,
    interval: durationText(intervalMs),
    input_series: input,
    promql_expr_test: expected.map((one) => expressionTest(one, intervalMs)),
  };
}

function expressionTest({ expr, tick, value }: Expected, intervalMs: number) {
  return { expr, eval_time: durationText(tick * intervalMs), exp_samples: value === null ? [] : [{ labels: '{}', value }] };
}
