/**
 * Bodies of Prometheus' remote write 1.0: protobuf as in prompb/types.proto and remote.proto, inside of a snappy block. Written by
 * hand, with literals only, because a test needs no compression.
 */

/** A series with what is to be added to it. Times in unix milliseconds. */
export type PushedSeries = {
  readonly labels: Readonly<Record<string, string>>;
  /** `stale`: the series has ended, as Prometheus itself marks it. */
  readonly samples?: readonly (readonly [atMs: number, value: number | 'stale'])[];
  readonly histograms?: readonly PushedHistogram[];
};

/** A native histogram of whole counts: bucket `first + i` is (2^((first+i−1)/2^schema), 2^((first+i)/2^schema)]. */
export type PushedHistogram = {
  readonly atMs: number;
  readonly schema: number;
  readonly first: number;
  readonly counts: readonly number[];
  readonly sum: number;
  /** Observations that were no number: they lie in no bucket, and then the sum is none either. */
  readonly nan?: number;
};

/** Prometheus' own NaN that ends a series. */
const staleNaN = 0x7ff0000000000002n;

/** The body of one request. */
export function remoteWrite(series: readonly PushedSeries[]): Uint8Array<ArrayBuffer> {
  return snappy(join(series.map((one) => message(1, timeSeries(one)))));
}

function timeSeries({ labels, samples = [], histograms = [] }: PushedSeries): Uint8Array {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return join([
    ...sorted.map(([name, value]) => message(1, join([text(1, name), text(2, value)]))),
    ...samples.map(([atMs, value]) => message(2, join([double(1, value), varintField(2, atMs)]))),
    ...histograms.map((one) => message(4, histogram(one))),
  ]);
}

function histogram({ atMs, schema, first, counts, sum, nan = 0 }: PushedHistogram): Uint8Array {
  const span = join([varintField(1, zigzag(first)), varintField(2, counts.length)]);
  const deltas = join(counts.map((count, i) => varint(zigzag(count - (counts[i - 1] ?? 0)))));
  return join([
    varintField(
      1,
      counts.reduce((total, count) => total + count, nan),
    ),
    double(3, nan > 0 ? Number.NaN : sum),
    varintField(4, zigzag(schema)),
    double(5, 1e-9),
    varintField(6, 0),
    message(11, span),
    message(12, deltas),
    varintField(15, atMs),
  ]);
}

function snappy(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts = [varint(data.length)];
  for (let at = 0; at < data.length; at += 65_536) {
    const literal = data.subarray(at, at + 65_536);
    const last = literal.length - 1;
    parts.push(Uint8Array.of(61 << 2, last & 255, last >> 8), literal);
  }
  return join(parts);
}

function message(field: number, body: Uint8Array): Uint8Array {
  return join([varint(field * 8 + 2), varint(body.length), body]);
}

function text(field: number, value: string): Uint8Array {
  return message(field, new TextEncoder().encode(value));
}

function double(field: number, value: number | 'stale'): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8));
  if (value === 'stale') bytes.setBigUint64(0, staleNaN, true);
  else bytes.setFloat64(0, value, true);
  return join([varint(field * 8 + 1), new Uint8Array(bytes.buffer)]);
}

function varintField(field: number, value: number): Uint8Array {
  return join([varint(field * 8), varint(value)]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
