import fc from 'fast-check';
import type { Inbound, InboundAnswer, Message, MessageEvent } from './notifier.ts';

export const events: readonly MessageEvent[] = ['trigger', 'update', 'acknowledge', 'resolve', 'notice'];

/** What a shop's incident is told with. */
export function example(given: Partial<Message> = {}): Message {
  const { event = 'trigger' } = given;
  return {
    key: `checkout-20261129-1/${event}/1`,
    thread: 'checkout-20261129-1',
    code: '7',
    event,
    severity: 'P0',
    title: 'errors of checkout are above 5 %',
    text: 'Since 01:20 UTC 6.1 % of the requests fail.\nThe release 1.4.2 was taken back.',
    facts: [
      { label: 'Release', value: 'checkout@1.4.2 at 25 %' },
      { label: 'Budget left', value: '61 %' },
    ],
    links: [{ text: 'Incident', href: 'https://rampart.example/incidents/checkout-20261129-1' }],
    actions:
      event === 'resolve' || event === 'notice'
        ? []
        : [
            { verb: 'acknowledge', label: 'Acknowledge', style: 'primary' },
            { verb: 'rollback', label: 'Roll back', style: 'danger' },
          ],
    source: 'checkout',
    atMs: Date.UTC(2026, 10, 29, 1, 20, 5),
    language: 'en',
    ...given,
  };
}

/** What turns into something else where it is not escaped, cut off or left out. */
const nasty = [
  '<script>alert(1)</script>',
  '<b>bold</b>',
  '</a><img src=x onerror=alert(1)>',
  '<!channel> <!here> <@U1> <https://evil.example|click>',
  '*bold* _it_ ~no~ `code` ```block```',
  '[text](https://evil.example)',
  '&amp; &lt; &#60;',
  'a\r\nBcc: thief@evil.example\r\n\r\nbody',
  '\u0000\u0007\u001b[31m\u007f\u0085',
  '\u202egnp.exe\u202c',
  '\u2028line\u2029',
  '=?utf-8?q?spoofed?=',
  '"; DROP TABLE incidents; --',
  '👩‍👩‍👧‍👦🔥é',
  'ошибки выше 5 %',
  '\ud800',
  ':fire: @everyone',
  '.\r\nQUIT\r\n',
] as const;

/** Whatever Unicode has. `unit: 'binary'` and `webUrl` of fast-check make a table of all of it first, which takes seconds. */
const anySigns = fc
  .array(fc.integer({ min: 0, max: 0x10_ff_ff }), { maxLength: 20 })
  .map((points) => String.fromCodePoint(...points));

const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...nasty), anySigns, fc.string({ maxLength: 20 })), {
    maxLength: 6,
  })
  .map((parts) => parts.join(' '));

/** Also far too long. */
const text = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...nasty, 'long '), fc.integer({ min: 200, max: 2_000 }))
      .map(([part, count]) => part.repeat(count)),
  },
);

const href = fc.oneof(
  fc.constantFrom(
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'https://name:secret@rampart.example/',
    'https://rampart.example/?q="><script>alert(1)</script>|x',
    'https://rampart.example/a b\r\nX: y',
    'not an address',
    '',
  ),
  fc.tuple(hostileText, hostileText).map(([path, query]) => `https://rampart.example/${path}?${query}#${path}`),
);

/** Messages whose texts try to be more than texts. */
export const hostileMessage: fc.Arbitrary<Message> = fc
  .record({
    event: fc.constantFrom(...events),
    severity: fc.constantFrom('P0' as const, 'P1' as const, 'P2' as const),
    title: text,
    text,
    facts: fc.array(fc.record({ label: hostileText, value: hostileText }), { maxLength: 60 }),
    longFact: text,
    links: fc.array(fc.record({ text: hostileText, href }), { maxLength: 12 }),
    actions: fc.array(
      fc.record({
        verb: fc.constantFrom('acknowledge', 'resolve', 'rollback', 'escalate'),
        label: hostileText,
        style: fc.constantFrom('primary' as const, 'danger' as const, 'plain' as const),
      }),
      { maxLength: 8 },
    ),
    source: hostileText,
    language: fc.constantFrom('en' as const, 'ru' as const),
  })
  .map(({ longFact, facts, ...given }) => example({ ...given, facts: [...facts, { label: 'long', value: longFact }] }));

/** Requests of whoever knows no secret: of now and not, with headers that look like signatures, with bodies that look like what would be believed. */
export const anyInbound: fc.Arbitrary<Inbound> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'OPTIONS'),
  url: hostileText.map((path) => `/${path}`),
  headers: fc
    .record({
      'x-slack-request-timestamp': fc.oneof(fc.constantFrom('1700000000', '', 'x', '-1', '1e9'), fc.nat().map(String)),
      'x-slack-signature': fc.oneof(fc.constantFrom('v0=', 'v0'), hostileText),
      'x-telegram-bot-api-secret-token': hostileText,
      'x-twilio-signature': hostileText,
    })
    .chain((headers) => fc.subarray(Object.entries(headers)).map((some): Inbound['headers'] => Object.fromEntries(some))),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        'payload={"type":"block_actions"}',
        '{"callback_query":{"id":"1","from":{"id":1},"data":"a:b"}}',
        'Body=7a&From=%2B15551230001',
        '',
      )
      .map((text) => Buffer.from(text)),
  ),
  nowMs: fc.constant(1_700_000_000_000),
});

/** What a receiver is answered where nothing came of anything, without what tells more. */
export function plainly(answer: InboundAnswer | undefined): unknown {
  return answer?.kind === 'verbs' ? { kind: answer.kind, verbs: answer.verbs, reply: answer.reply([]) } : answer;
}
