import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endText, printable, tellingLine } from './end-text.ts';

const nodeCrash = [
  'file:///app/server.js:3',
  "  throw new Error('no such table');",
  '  ^',
  '',
  'Error: no such table',
  '    at file:///app/server.js:3:9',
  '',
  'Node.js v24.0.0',
];
const nodeCode = [
  'Error: listen EADDRINUSE: address already in use',
  '    at x.js:1',
  '  code: "EADDRINUSE",',
  '  port: 80',
  '}',
  '',
  'Node.js v24.0.0',
];

test('an end is told in one line', () => {
  assert.equal(endText({ kind: 'exit', code: 1 }, 300, nodeCrash), 'exit code 1 after 0.3 s: Error: no such table');
  assert.equal(endText({ kind: 'exit', code: 0 }, 59_999, []), 'exit code 0 after 60.0 s');
  assert.equal(endText({ kind: 'signal', signal: 'SIGSEGV' }, 150_000, ['', ' ']), 'killed by SIGSEGV after 2 min');
  assert.equal(endText({ kind: 'lost' }, null, ['bye']), 'ended while no controller was running: bye');
  assert.match(endText({ kind: 'unseen' }, 7_200_000, []), /^ended \(exit code not known, .*\) after 2 h$/);
  assert.equal(
    endText({ kind: 'restarted', reason: 'check failed' }, 864_000_000, []),
    'restarted because the check failed after 10 days',
  );
});

test('the line that says most is found in what programs print when they die', () => {
  const cases: readonly [output: readonly string[], want: string | undefined][] = [
    [nodeCrash, 'Error: no such table'],
    [nodeCode, 'Error: listen EADDRINUSE: address already in use'],
    [['Traceback (most recent call last):', '  File "a.py", line 1', 'ValueError: bad port'], 'ValueError: bad port'],
    [
      ['panic: runtime error: index out of range', '', 'goroutine 1 [running]:', 'main.main()', 'exit status 2'],
      'panic: runtime error: index out of range',
    ],
    [['listening', 'cannot open config.yaml'], 'cannot open config.yaml'],
    [['}', '  ^'], undefined],
    [['x'.repeat(500)], `${'x'.repeat(199)}…`],
  ];
  for (const [output, want] of cases) assert.equal(tellingLine(output), want);
});

test('no line can move the cursor, colour the terminal or hide what it says', () => {
  assert.equal(printable('\x1b[31mred\x1b[0m \x1b]0;title\x07a\tb\r\x00\x9b\u202eabc\u200b'), 'red a babc');
});
