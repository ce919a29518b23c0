import fc from 'fast-check';
import type { Message, MessageEvent } from './notifier.ts';

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

const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ maxLength: 20 })), {
    maxLength: 6,
  })
  .map((parts) => parts.join(' '));

/** Also far too long. */
const text = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...nasty, 'long '), fc.integer({ min: 500, max: 3_000 }))
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
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
);

/** Messages whose texts try to be more than texts. */
export const hostileMessage: fc.Arbitrary<Message> = fc
  .record({
    event: fc.constantFrom(...events),
    severity: fc.constantFrom('P0' as const, 'P1' as const, 'P2' as const),
    title: text,
    text,
    facts: fc.array(fc.record({ label: hostileText, value: text }), { maxLength: 30 }),
    links: fc.array(fc.record({ text: hostileText, href }), { maxLength: 30 }),
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
  .map((given) => example(given));
