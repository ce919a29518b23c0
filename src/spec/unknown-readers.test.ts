import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noSetup } from './incident-setup.ts';
import { ownNotices } from './release-notices.ts';
import { timeline, timelineEntries } from './timeline.ts';
import { unknownReaders } from './unknown-readers.ts';

const named = <Name extends string>(name: Name) => [{ name }] as unknown as never;
const setup = { ...noSetup, notifiers: named('team'), people: named('anna'), schedules: named('days') };

function said(notify: unknown, entries: unknown = []): readonly string[] {
  const given = timeline.parse(entries);
  assert(given !== 'standard');
  return unknownReaders({ notify: ownNotices.parse(notify), timeline: timelineEntries(given, 1_000) }, setup);
}

test('whoever is in the setup is told, in each of the three ways', () => {
  assert.deepEqual(
    said(['team', { person: 'anna' }, { schedule: 'days' }], [{ at: 'T-1h', title: 'Told', notify: ['team'] }]),
    [],
  );
});

test('who is not is named once, with what was probably meant', () => {
  assert.deepEqual(
    said(['taem', { person: 'team' }], [{ at: 'T-1h', title: 'Told', notify: ['taem', { schedule: 'nights' }] }]),
    [
      'nobody is told of it by "taem": the setup has no Notifier of that name; did you mean "team"?',
      'nobody is told of it by "team": the setup has no Person of that name',
      'nobody is told of it by "nights": the setup has no Schedule of that name',
    ],
  );
});

test('a document that names nobody lacks nobody', () => {
  assert.deepEqual(unknownReaders({}, noSetup), []);
});
