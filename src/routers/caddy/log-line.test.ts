import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attempt, attemptIn } from './log-line.ts';

const line = (rest: string) =>
  `{"level":"debug","ts":1795866707.9,"logger":"http.handlers.reverse_proxy","msg":"upstream roundtrip","upstream":"127.0.0.1:9","duration":0.008,${rest}}`;
const attempt: Attempt = { atMs: 1_795_866_707_900, dial: '127.0.0.1:9', ms: 8, status: 0, failed: null, isAborted: false };

// As Caddy 2.6.2 wrote them.
const cases: readonly [name: string, text: string, want: Attempt | null][] = [
  ['an answer', line('"request":{"uri":"/a"},"status":204'), { ...attempt, status: 204 }],
  ['an answer 500', line('"status":500'), { ...attempt, status: 500, failed: 'status' }],
  [
    'a refused connection',
    line('"error":"dial tcp 127.0.0.1:9: connect: connection refused"'),
    { ...attempt, failed: 'connect' },
  ],
  ['a connection that nobody takes', line('"error":"dial tcp 10.0.0.1:9: i/o timeout"'), { ...attempt, failed: 'connect' }],
  ['no answer in time', line('"error":"net/http: timeout awaiting response headers"'), { ...attempt, failed: 'timeout' }],
  ['a connection that ends', line('"error":"EOF"'), { ...attempt, failed: 'broken' }],
  ['a client that gives up', line('"error":"context canceled"'), { ...attempt, isAborted: true }],
  ['a body that is used up', line('"error":"readfrom tcp: http: invalid Read on closed Body"'), { ...attempt, isAborted: true }],
  ['the choice of an upstream', '{"ts":1.5,"msg":"selected upstream","dial":"127.0.0.1:9","total_upstreams":2}', null],
  ['a request that names the message', '{"ts":1.5,"msg":"x","uri":"\\"upstream roundtrip\\""}', null],
  ['half a line', line('"status":200').slice(0, 150), null],
  ['no number', line('"status":"200"'), null],
];
for (const [name, text, want] of cases)
  test(`a line about ${name}`, () => {
    const found = attemptIn(text);
    assert.deepEqual(found && { ...found, atMs: Math.round(found.atMs) }, want);
  });
