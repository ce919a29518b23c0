import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addShape, chooseEdges, openShape, type Shape, slowerThan } from './latency.ts';
import { bucketCount, bucketOf } from './sample.ts';

/** Requests of a shape whose share above bucket i falls by 20 % from bucket to bucket, from bucket 20 on. */
function falling(requests: number): number[] {
  const histogram: number[] = [];
  for (let i = 20; i < 60; i++) histogram.push(i, Math.round(requests * 0.2 * 0.8 ** (i - 20)));
  return histogram;
}

/** A shape of that histogram alone. */
function shapeOf(histogram: readonly number[]): Shape {
  const shape = openShape();
  addShape(shape, histogram, 1);
  return shape;
}

test('counts the requests above a bucket', () => {
  assert.equal(slowerThan([10, 5, 20, 3, 30, 2], 20), 2);
  assert.equal(slowerThan([10, 5, 20, 3, 30, 2], 9), 10);
  assert.equal(slowerThan([], 9), 0);
});

test('p95 is compared where stable is exceeded by 25, 10, 5 and 1 %', () => {
  const edges = chooseEdges(shapeOf(falling(100_000)), 950_000, 0) ?? [];
  const shares = edges.map(({ bucket }) => 0.8 ** (bucket - 19));
  assert.equal(shares.length, 4);
  [0.25, 0.1, 0.05, 0.01].forEach((share, i) => {
    assert.ok(Math.abs(Math.log((shares[i] ?? 1) / share)) < 0.12, `${shares[i]} for ${share}`);
  });
});

test('an accepted rise of the latency becomes the accepted ratio of shares', () => {
  // One bucket is 12.2 %; each bucket further down has 1/0.8 times the requests above it.
  const edges = chooseEdges(shapeOf(falling(100_000)), 950_000, (10 ** (2 / 20) - 1) * 1e6) ?? [];
  for (const {
    margin: { factor },
  } of edges)
    assert.ok(Math.abs(factor - 1 / 0.64) < 0.03, String(factor));
  for (const {
    margin: { factor },
  } of chooseEdges(shapeOf(falling(100_000)), 950_000, 0) ?? [])
    assert.equal(factor, 1.15);
});

test('wide buckets of a scraped histogram are taken as log-linear inside', () => {
  // Prometheus’ default edges 25, 50, 100, 250, 500 ms; each edge halves what is above.
  const scraped = [25, 50, 100, 250, 500].flatMap((ms, i) => [bucketOf(ms), 8000 / 2 ** i]);
  const edges = chooseEdges(shapeOf(scraped), 950_000, 200_000) ?? [];
  assert.ok(edges.length > 0);
  for (const { bucket, margin } of edges) {
    // Nobody is slower than the last edge, so what is accepted there is a difference.
    if (bucket === bucketOf(500)) assert.ok(margin.delta > 0 && margin.delta < 0.03, String(margin.delta));
    else assert.ok(margin.factor >= 1.15 && margin.factor < 2 && margin.delta === 0, String(margin.factor));
  }
});

test('too few requests give no edges', () => {
  assert.equal(chooseEdges(openShape(), 950_000, 0), null);
  assert.equal(chooseEdges(shapeOf([30, 99]), 950_000, 0), null);
});

test('a shape holds ten minutes and stays below 16 KiB', () => {
  const everywhere = Array.from({ length: bucketCount }, (_, i) => [i, 900]).flat();
  const shape = openShape();
  for (let t = 0; t < 1200; t++) addShape(shape, everywhere, 1);
  assert.ok(JSON.stringify(shape).length <= 16_384, String(JSON.stringify(shape).length));
  const usual = openShape();
  for (let t = 0; t < 1200; t++) addShape(usual, falling(100), 1);
  assert.equal(usual.blocks.length, 40);
});
