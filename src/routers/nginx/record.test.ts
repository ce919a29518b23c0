import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Match, Route } from '../router.ts';
import { includeSeen, includeText, withToken } from './include-text.ts';
import { checkMatch, type RouteRecord, recordIn, recordText } from './record.ts';
import { weightByHand, weightsOf } from './reload-config.ts';
import { NginxConfig } from './schema.ts';

const ordinary = { noNullPrototype: true } as const;
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((value) => !/[\x00-\x1f\x7f]/.test(value));
const backend = fc.record(
  {
    version: fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z._+-]{0,20}$/),
    endpoints: fc.array(
      fc.record({ host: fc.oneof(fc.ipV4(), fc.ipV6()), port: fc.integer({ min: 1, max: 65_535 }) }, ordinary),
      {
        maxLength: 5,
      },
    ),
  },
  ordinary,
);
const match: fc.Arbitrary<Match> = fc.oneof(
  fc.record({ header: fc.constant('X-Canary'), equals: text }, ordinary),
  fc.record({ header: fc.constant('User-Agent'), contains: text }, ordinary),
  fc.record({ header: fc.constant('X-Staff'), pattern: text }, ordinary),
  fc.record({ cookie: fc.constant('a.b'), equals: text }, ordinary),
);
const record: fc.Arbitrary<RouteRecord> = fc.record(
  {
    route: fc.record(
      {
        stable: fc.option(backend),
        candidate: fc.option(backend),
        weight: fc.integer({ min: 0, max: 10_000 }).map((part) => part / 100),
        match: fc.array(match, { maxLength: 4 }),
      },
      ordinary,
    ),
    fence: fc.record({ token: fc.nat(), seq: fc.nat() }, ordinary),
    appliedAtMs: fc.nat(),
  },
  ordinary,
);
const key = 'a'.repeat(32);

test('a record comes back as it was written, from the words and from either kind of file', () => {
  fc.assert(
    fc.property(record, fc.constantFrom('reload' as const, 'lua' as const), (given, mode) => {
      assert.deepEqual(recordIn(recordText(given)), given);
      const config = NginxConfig.parse({ include: '/a.conf', log: '/a.log', status: '127.0.0.1:9145', mode });
      const written = includeText({ service: 'shop', key, config, leaseMs: 10_000, record: given, tokenSeen: 0 });
      const { token } = given.fence;
      const seen = { service: 'shop', mode, key, isIntact: true, record: given };
      assert.deepEqual(includeSeen(written), { ...seen, tokenSeen: token });
      // A renewal by somebody newer changes the first line, which nginx does not read, and nothing else.
      const renewed = withToken(withToken(written, token + 1), token + 2);
      assert.deepEqual(includeSeen(renewed), { ...seen, tokenSeen: token + 2 });
      assert.equal(renewed.replace(/.*/, ''), written.replace(/.*/, ''));
      assert.equal(includeSeen(written.replace('# Written', '# written'))?.isIntact, false);
      // No word of nginx's configuration may be longer.
      if (mode === 'reload') for (const line of written.split('\n')) assert.ok(line.startsWith('#') || line.length < 4_096);
    }),
    { numRuns: 100 },
  );
});

test('weights of instances give each version its share, however many there are', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (part, s, c) => {
        const endpoints = (count: number) => Array.from({ length: count }, (_, i) => ({ host: '127.0.0.1', port: i + 1 }));
        const route: Route = {
          stable: { version: '1', endpoints: endpoints(s) },
          candidate: { version: '2', endpoints: endpoints(c) },
          weight: part / 100,
          match: [],
        };
        const [stable, candidate] = weightsOf(route);
        assert.ok(Number.isInteger(stable) && Number.isInteger(candidate));
        assert.equal(candidate * c * 10_000, part * (candidate * c + stable * Math.max(s, 1)));
      },
    ),
  );
});

test('a change of weights by hand is told from any other change', () => {
  const config = NginxConfig.parse({ include: '/a.conf', log: '/a.log', status: '127.0.0.1:9145' });
  const version = (name: string, port: number) => ({ version: name, endpoints: [{ host: '127.0.0.1', port }] });
  const route: Route = { stable: version('1', 4_001), candidate: version('2', 4_002), weight: 25, match: [] };
  const given = { route, fence: { token: 1, seq: 1 }, appliedAtMs: 1 };
  const written = includeText({ service: 'shop', key, config, leaseMs: 1, record: given, tokenSeen: 1 });
  const byHand = (found: string) => weightByHand(found, written, 'shop', route);
  assert.equal(byHand(written), 25);
  assert.equal(byHand(written.replace('4001 weight=3', '4001 weight=1')), 50);
  assert.equal(byHand(written.replace('4001 weight=3', '4001')), 50);
  assert.equal(byHand(written.replace('server 127.0.0.1:4001 weight=3 max_fails=0;', '')), undefined);
});

test('a match that nginx cannot serve is refused with its reason', () => {
  const cases: readonly [Match, RegExp][] = [
    [{ header: 'x_canary', equals: 'yes' }, /letters, digits and dashes/],
    [{ header: 'x-canary', equals: '' }, /empty/],
    [{ header: 'x-canary', contains: 'a\nb' }, /control/],
    [{ header: 'x-canary', pattern: '(' }, /regular expression/i],
    [{ header: 'x-canary', pattern: '(?<host>a)' }, /named group/],
  ];
  for (const [given, why] of cases) assert.throws(() => checkMatch(given), why);
  checkMatch({ header: 'x-canary', pattern: '(?<!a)b' });
});
