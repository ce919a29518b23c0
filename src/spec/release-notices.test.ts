import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOfService, noticeTargets, ownNotices } from './release-notices.ts';
import { timeline, timelineEntries } from './timeline.ts';

test('the document of a service names channels by their name alone, or whom and of what', () => {
  assert.deepEqual(ownNotices.parse(['ops', { person: 'anna', events: ['held'], language: 'ru' }]), [
    { to: { notifier: 'ops' }, events: null, language: null },
    { to: { person: 'anna' }, events: ['held'], language: 'ru' },
  ]);
  for (const wrong of [[], ['Ops!'], [{ notifier: 'ops', person: 'anna' }], [{ notifier: 'ops', services: ['shop'] }], [3]])
    assert(!ownNotices.safeParse(wrong).success, JSON.stringify(wrong));
});

test('a star stands for any part of a name', () => {
  const isOf = (services: readonly string[] | null, service: string) =>
    isOfService({ to: { notifier: 'ops' }, events: null, language: null, services }, service);
  assert(isOf(null, 'shop') && isOf(['*'], 'shop') && isOf(['cart', 'sh*'], 'shop') && isOf(['*-api'], 'pay-api'));
  assert(!isOf(['shop'], 'shop-2') && !isOf(['sh*p'], 'ship-it') && !isOf(['pay-*'], 'payments'));
  assert(isOf(['a**b'], 'ab') && !isOf(['ab*b'], 'ab'));
  assert(!isOf([`${'*a'.repeat(20)}*b`], 'a'.repeat(63)), 'at once, however many stars there are');
});

test('a note of a timeline is for whoever is told of releases, for those it names, or for a hook', () => {
  const doesOf = (notify: unknown) => {
    const given = timeline.parse([{ at: 'T-1h', title: 'Told', notify }]);
    assert(given !== 'standard');
    return timelineEntries(given, 1_000)[0]?.does;
  };
  assert.deepEqual(doesOf(true), { kind: 'notify', hook: null });
  const to = [{ notifier: 'ops' }, { schedule: 'days' }];
  assert.deepEqual(noticeTargets.parse(['ops', { schedule: 'days' }]), to);
  assert.deepEqual(doesOf(['ops', { schedule: 'days' }]), { kind: 'notify', hook: null, to });
  const hooked = doesOf({ command: ['./tell.sh'] });
  assert(hooked?.kind === 'notify' && hooked.hook?.action.kind === 'command' && !('to' in hooked));
  assert(!timeline.safeParse([{ at: 'T-1h', title: 'Told', notify: 'ops' }]).success);
});
