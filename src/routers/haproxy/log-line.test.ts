import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoggedRequest, loggedRequest } from './log-line.ts';

const head = '<134>Nov 28 12:09:59 haproxy[14389]: 10.0.1.2:33317 [28/Nov/2026:12:09:59.655] web ';
const tail = ' 0/0/0/0/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"';
const shop = { backend: 'shop', server: 'rampart1', failed: null, isAborted: false } as const;

const cases: readonly [text: string, want: LoggedRequest | null][] = [
  ['shop/rampart1 10/0/30/69/109 200 2750 - - ----', { ...shop, ms: 109 }],
  ['shop/rampart1 10/0/30/69/+109 404 +2750 - - ----', { ...shop, ms: 109 }],
  ['shop/rampart1 0/0/1/2/3 503 99 - - ----', { ...shop, ms: 3, failed: 'status' }],
  ['shop/rampart1 0/0/-1/-1/9 503 217 - - SC--', { ...shop, ms: 9, failed: 'connect' }],
  ['shop/rampart1 0/0/-1/-1/2002 503 217 - - sC--', { ...shop, ms: 2002, failed: 'connect' }],
  ['shop/rampart1 0/0/0/-1/300 504 198 - - sH--', { ...shop, ms: 300, failed: 'timeout' }],
  ['shop/rampart1 0/0/0/-1/1 502 208 - - SH--', { ...shop, ms: 1, failed: 'broken' }],
  ['shop/rampart1 0/0/0/1/22 200 140 - - SD--', { ...shop, ms: 22, failed: 'broken' }],
  ['shop/rampart1 0/0/0/-1/5 502 140 - - PH--', { ...shop, ms: 5, failed: 'broken' }],
  ['shop/rampart1 0/0/0/1/22 200 140 - - CD--', { ...shop, ms: 22, isAborted: true }],
  ['shop/rampart1 0/0/0/1/22 200 140 - - --VN', { ...shop, ms: 22 }],
  ['shop/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC--', { ...shop, server: '<NOSRV>', ms: 0, failed: 'connect' }],
];
for (const [text, want] of cases) test(`the log line ${text}`, () => assert.deepEqual(loggedRequest(head + text + tail), want));

test('any other line is none, however long it is', () => {
  for (const line of ['', 'Proxy web started.', head, '10.0.0.1:1 [x] web shop/rampart1 0/0/5 200', ` ${'a/'.repeat(40_000)}`])
    assert.equal(loggedRequest(line), null);
});
