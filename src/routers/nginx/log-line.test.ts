import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorClasses } from '../counters.ts';
import { outcomesOf } from './log-line.ts';

/** Fields after the time: first, last, status, seconds, connect times, header times, completion, event stream. */
const cases: readonly [name: string, fields: readonly string[], outcomes: readonly string[] | undefined][] = [
  ['an answer', ['v1.0.0', 'v1.0.0', '200', '0.012', '0.001', '0.010', 'OK', ''], ['1.0.0 200 12 ms fine']],
  ['a version with a plus', ['v1%2B2', 'v1%2B2', '404', '0.000', '0.000', '0.000', 'OK', ''], ['1+2 404 0 ms fine']],
  ['a failure of the version', ['v1', 'v1', '503', '0.020', '0.001', '0.010', 'OK', ''], ['1 503 20 ms status']],
  ['no connection', ['v1', 'v1', '502', '0.001', '-', '-', 'OK', ''], ['1 502 1 ms connect']],
  ['a connection that closed without an answer', ['v1', 'v1', '502', '0.001', '0.000', '-', 'OK', ''], ['1 502 1 ms broken']],
  ['no answer in time', ['v1', 'v1', '504', '60.001', '0.000', '-', 'OK', ''], ['1 504 60001 ms timeout']],
  [
    'a version replaced by another',
    ['v2', 'v1', '200', '0.004', '-, 0.001', '-, 0.003', 'OK', ''],
    ['2 502 4 ms connect', '1 200 4 ms fine'],
  ],
  ['an event stream is as fast as its head', ['v1', 'v1', '200', '30.0', '0.001', '0.005', 'OK', '1'], ['1 200 5 ms fine']],
  ['so is a WebSocket', ['v1', 'v1', '101', '30.0', '0.001', '0.005', '', ''], ['1 101 5 ms fine']],
  ['a client that gave up waiting', ['v1', 'v1', '499', '3.000', '0.001', '-', '', ''], []],
  ['a client that gave up reading', ['v1', 'v1', '200', '3.000', '0.001', '0.002', '', ''], []],
  ['somebody else’s line', ['GET', '/', '200'], undefined],
  ['a request of no version', ['', '', '503', '0.000', '0.000', '0.000', 'OK', ''], undefined],
  ['no numbers', ['v1', 'v1', 'x', 'y', '', '', 'OK', ''], undefined],
];

for (const [name, fields, outcomes] of cases)
  test(name, () =>
    assert.deepEqual(
      outcomesOf(['1764330000.123', ...fields].join('\t'))?.map(({ version, atMs, latencyMs, status, errorClass }) => {
        assert.equal(atMs, 1_764_330_000_123);
        return `${version} ${status} ${latencyMs} ms ${errorClasses[errorClass] ?? 'fine'}`;
      }),
      outcomes,
    ),
  );
