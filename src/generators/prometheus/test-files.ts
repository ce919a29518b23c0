import { durationText } from '../../spec/units.ts';
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
  const intervals = [...new Set(tests.map(({ intervalMs }) => intervalMs))].sort((a, b) => a - b);
  return intervals.map((intervalMs) => {
    const interval = durationText(intervalMs);
    return yamlFile(
      `tests/${name}.${interval}.test.yml`,
      [`Tests of ${rules}: promtool test rules ${name}.${interval}.test.yml`, ...says],
      {
        rule_files: [`../${rules}`],
        evaluation_interval: interval,
        tests: tests.filter((test) => test.intervalMs === intervalMs).map((test) => unitTest(test, interval)),
      },
    );
  });
}

function unitTest({ name, input, expected, intervalMs }: UnitTest, interval: string) {
  return {
    name,
    interval,
    input_series: input,
    promql_expr_test: expected.map((one) => expressionTest(one, intervalMs)),
  };
}

function expressionTest({ expr, tick, value }: Expected, intervalMs: number) {
  return { expr, eval_time: durationText(tick * intervalMs), exp_samples: value === null ? [] : [{ labels: '{}', value }] };
}
