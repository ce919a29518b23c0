import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { brentRoot } from './brent.ts';
import { classify, type Direction, type EffectRule, type Label } from './classifier.ts';
import { locationShift, wilcoxonDiff } from './mann-whitney.ts';
import { seededNoise } from './noise.ts';
import { normalQuantile } from './normal.ts';
import { iqrOutliers, kSigmaOutliers, type NanStrategy, withoutNan, withoutOutliers } from './outliers.ts';
import { ascending, cles, cohenD, meanRatio, percentile, summary } from './statistics.ts';

type Bounds = { readonly decrease: number; readonly increase: number };
type ClassifierCase = {
  readonly name: string;
  readonly params: {
    readonly tolerance: number;
    readonly confLevel: number;
    readonly effectSizeThresholds: Bounds;
    readonly criticalThresholds: Bounds;
    readonly effectSizeMeasure: EffectRule['measure'];
    readonly direction: Direction;
    readonly nanStrategy: NanStrategy;
    readonly isCriticalMetric: boolean;
    readonly isDataRequired: boolean;
  };
  readonly control: number[];
  readonly experiment: number[];
  readonly expected: {
    readonly classification?: Label;
    readonly critical?: boolean;
    readonly reasonNonEmpty?: boolean;
    readonly deviation?: number | 'NaN';
  };
};

withVectors<{ cases: ClassifierCase[] }>('kayenta/kayenta_mannwhitney_classifier.json', ({ cases }) => {
  assert(cases.length >= 34);
  for (const { name, params, control, experiment, expected } of cases) {
    test(`Kayenta classifier: ${name}`, () => {
      const rule = {
        direction: params.direction,
        nanStrategy: params.nanStrategy,
        isCritical: params.isCriticalMetric,
        mustHaveData: params.isDataRequired,
        tolerance: params.tolerance,
        confidence: params.confLevel,
        effect: {
          measure: params.effectSizeMeasure,
          allowedIncrease: params.effectSizeThresholds.increase,
          allowedDecrease: params.effectSizeThresholds.decrease,
          criticalIncrease: params.criticalThresholds.increase,
          criticalDecrease: params.criticalThresholds.decrease,
        },
      };
      // Where noise is added, no expectation may depend on it.
      for (const seed of [1, 2, 3]) {
        const got = classify(experiment, control, rule, seededNoise(seed));
        if (expected.classification !== undefined) assert.equal(got.label, expected.classification, got.reason);
        if (expected.critical !== undefined) assert.equal(got.isCritical, expected.critical);
        if (expected.reasonNonEmpty === true) assert.notEqual(got.reason, '');
        if (expected.deviation !== undefined) assert.equal(got.effect, expected.deviation === 'NaN' ? null : expected.deviation);
      }
    });
  }
});

type CoreCase = { readonly name: string; readonly tolerance: number } & (
  | { kind: 'wilcoxonDiff'; x: number[]; y: number[]; expected: { mu: number; quantile: number; value: number }[] }
  | { kind: 'normalQuantile'; p: number; expected: number }
  | {
      kind: 'confidenceInterval';
      confidenceLevel: number;
      x_experiment: number[];
      y_control: number[];
      expected: { ciLow: number; ciHigh: number; estimate: number; estimateTolerance: number };
    }
  | { kind: 'intermediate'; confidenceLevel: number; x: number[]; y: number[]; expected: Record<string, number> }
);

withVectors<{ cases: CoreCase[] }>('kayenta/kayenta_mannwhitney_core.json', ({ cases }) => {
  assert(cases.length >= 7);
  for (const one of cases) {
    test(`Kayenta Mann-Whitney: ${one.name}`, () => {
      switch (one.kind) {
        case 'wilcoxonDiff':
          for (const { mu, quantile, value } of one.expected) {
            // Their expectations have seven digits, of which the tolerance is the last.
            close(
              wilcoxonDiff(ascending(one.x), ascending(one.y), mu, quantile),
              value,
              one.tolerance * Math.max(1, Math.abs(value)),
            );
          }
          return;
        case 'normalQuantile':
          return close(normalQuantile(one.p), one.expected, one.tolerance);
        case 'confidenceInterval': {
          const got = locationShift(one.x_experiment, one.y_control, one.confidenceLevel);
          close(got?.lower, one.expected.ciLow, one.tolerance);
          close(got?.upper, one.expected.ciHigh, one.tolerance);
          return close(got?.estimate, one.expected.estimate, one.expected.estimateTolerance);
        }
        case 'intermediate':
          return intermediate(one.x, one.y, one.confidenceLevel, one.expected, one.tolerance);
        default:
          assert.fail(`unknown kind in ${JSON.stringify(one).slice(0, 80)}`);
      }
    });
  }
});

function intermediate(x: number[], y: number[], level: number, expected: Record<string, number>, tolerance: number) {
  const [a, b] = [ascending(x), ascending(y)];
  const low = summary(x).min - summary(y).max;
  const high = summary(x).max - summary(y).min;
  const z = -normalQuantile((1 - level) / 2);
  const root = (quantile: number) => brentRoot((mu) => wilcoxonDiff(a, b, mu, quantile), low, high, 1e-4, 1000);
  const got: Record<string, number | undefined> = {
    rMumin: low,
    rMumax: high,
    rZqLower: z,
    rZqUpper: -z,
    rFlower1: wilcoxonDiff(a, b, low, z),
    rFupper1: wilcoxonDiff(a, b, high, z),
    rFlower2: wilcoxonDiff(a, b, low, -z),
    rFupper2: wilcoxonDiff(a, b, high, -z),
    rCil: root(z),
    rCiu: root(-z),
    rEst: root(0),
  };
  assert.deepEqual(Object.keys(got).sort(), Object.keys(expected).sort());
  for (const [key, value] of Object.entries(expected)) close(got[key], value, tolerance, key);
}

type StatisticCase = { readonly name: string; readonly tolerance: number } & (
  | { fn: 'percentile_R7'; data: number[]; p: number; expected: number }
  | { fn: 'meanRatio' | 'cohenD' | 'cles'; control: number[]; experiment: number[]; expected: number | 'NaN' }
  | { fn: 'summary'; data: number[]; expected: Record<string, number> }
);
type DetectorCase = { readonly name: string; readonly data: number[]; readonly expectedOutlier: boolean[] } & (
  | { detector: 'ksigma'; k: number }
  | { detector: 'iqr'; factor: number; reduceSensitivity: boolean }
);
type TransformCase = {
  readonly name: string;
  readonly op: 'removeNaN' | 'replaceNaN0' | 'removeOutliers_iqr' | 'removeOutliers_ksigma';
  readonly data: (number | 'NaN')[];
  readonly factor?: number;
  readonly k?: number;
  readonly expected: number[];
};
type Transforms = { statistics: StatisticCase[]; detectors: DetectorCase[]; transforms: TransformCase[] };

withVectors<Transforms>('kayenta/kayenta_stats_outliers_transforms.json', ({ statistics, detectors, transforms }) => {
  assert(statistics.length >= 21 && detectors.length >= 6 && transforms.length >= 5);
  const effects = { meanRatio, cohenD, cles };
  statistics.forEach((one, index) => {
    test(`Kayenta statistics ${index + 1}: ${one.name}`, () => {
      if (one.fn === 'percentile_R7') return close(percentile(ascending(one.data), one.p), one.expected, one.tolerance);
      if (one.fn === 'summary') {
        const got: Record<string, number> = summary(one.data);
        for (const [key, value] of Object.entries(one.expected)) close(got[key], value, one.tolerance, key);
        return;
      }
      const got = effects[one.fn](one.experiment, one.control);
      if (one.expected === 'NaN') assert.equal(got, null);
      else close(got ?? undefined, one.expected, one.tolerance);
    });
  });
  for (const one of detectors) {
    test(`Kayenta detectors: ${one.name}`, () => {
      const got =
        one.detector === 'ksigma' ? kSigmaOutliers(one.data, one.k) : iqrOutliers(one.data, one.factor, one.reduceSensitivity);
      assert.deepEqual(got, one.expectedOutlier);
    });
  }
  for (const { name, op, data, factor = Number.NaN, k = Number.NaN, expected } of transforms) {
    test(`Kayenta transforms: ${name}`, () => {
      const values = data.map(Number);
      const results = {
        removeNaN: () => withoutNan(values, 'remove'),
        replaceNaN0: () => withoutNan(values, 'replace'),
        removeOutliers_iqr: () => withoutOutliers(values, iqrOutliers(values, factor, false)),
        removeOutliers_ksigma: () => withoutOutliers(values, kSigmaOutliers(values, k)),
      };
      assert.deepEqual(results[op](), expected);
    });
  }
});

function close(got: number | undefined, want: number, tolerance: number, what = 'value'): void {
  assert(got !== undefined && Math.abs(got - want) <= tolerance, `${what}: ${got}, expected ${want} ± ${tolerance}`);
}
