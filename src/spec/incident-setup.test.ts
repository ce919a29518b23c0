import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentSetup, isSetupKind, setupChanges, setupKinds } from './incident-setup.ts';
import { SpecError } from './problem.ts';
import { standIns } from './stand-ins.fixture.ts';

const head = (kind: string, name: string): string => `---\napiVersion: rampart/v1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;
const channels = `${head('Notifier', 'team')}spec: { chat: { room: ops }, delivery: { perMinute: 20, timeout: 5s } }
${head('Notifier', 'phone')}spec: { sms: { from: "+1" } }
`;
const people = `${head('Person', 'anna')}spec: { contacts: [ { notifier: phone, to: "+49151" }, { notifier: team } ], accounts: { team: U1 } }
${head('Schedule', 'days')}spec: { timeZone: UTC, layers: [ { name: one, rotation: { every: 1w, from: 2026-11-02 }, people: [anna] } ] }
${head('EscalationPolicy', 'shop')}spec: { steps: [ { notify: [ { schedule: days } ] }, { notify: [ { person: anna }, { notifier: team } ] } ] }
${head('AlertRouting', 'default')}spec: { route: { policy: shop, notifiers: [team], routes: [ { matchers: ['team="db"'], policy: "off" } ] } }
`;
const files = (...texts: readonly string[]) => texts.map((text, index) => ({ file: `${index + 1}.yaml`, text }));

const problemsOf = (...texts: readonly string[]): readonly string[] => {
  try {
    incidentSetup(files(...texts), standIns);
    return [];
  } catch (error) {
    assert(error instanceof SpecError, String(error));
    return error.problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  }
};

test('documents of several files are one setup, with what they leave out filled in', () => {
  const setup = incidentSetup(files(channels, people), standIns);
  assert.deepEqual(setup.notifiers, [
    {
      name: 'team',
      receiver: { kind: 'chat', config: { room: 'ops' } },
      delivery: { perMinute: 20, inFlight: 4, timeoutMs: 5_000, giveUpAfterMs: 14_400_000, bundle: null },
    },
    {
      name: 'phone',
      receiver: { kind: 'sms', config: { from: '+1' } },
      delivery: { perMinute: null, inFlight: 4, timeoutMs: 15_000, giveUpAfterMs: 14_400_000, bundle: null },
    },
  ]);
  assert.deepEqual(
    [setup.people, setup.schedules, setup.policies].map((all) => all.map(({ name }) => name)),
    [['anna'], ['days'], ['shop']],
  );
  assert.equal(setup.routing?.name, 'default');
});

const mistakes: readonly [what: string, texts: readonly string[], expected: readonly string[]][] = [
  [
    'a receiver that is mistyped, one of two kinds, and one without any',
    [
      `${head('Notifier', 'a')}spec: { chatt: { room: x } }\n${head('Notifier', 'b')}spec: { chat: { room: x }, sms: { from: y } }\n${head('Notifier', 'c')}spec: { chat: { rum: x }, delivery: { retries: 3 } }`,
    ],
    [
      '1.yaml:5:9 unknown key "chatt"; did you mean "chat"? Known here: chat, delivery, sms',
      '1.yaml:10:28 a receiver has one of chat or sms: chat is already given, so sms cannot be',
      '1.yaml:15:9 spec.chat.room is missing',
      '1.yaml:15:17 unknown key "rum". Known here: room',
      '1.yaml:15:39 unknown key "retries". Known here: bundle, giveUpAfter, inFlight, perMinute, timeout',
    ],
  ],
  [
    'names that nothing has, each at its place',
    [
      channels,
      people.replaceAll('notifier: team', 'notifier: taem').replace('[anna]', '[anne]').replace('policy: shop', 'policy: shops'),
    ],
    [
      '2.yaml:5:68 there is no Notifier called "taem"; did you mean "team"?',
      '2.yaml:10:99 there is no Person called "anne"; did you mean "anna"?',
      '2.yaml:15:96 there is no Notifier called "taem"; did you mean "team"?',
      '2.yaml:20:26 there is no EscalationPolicy called "shops"; did you mean "shop"?',
    ],
  ],
  [
    'an address that is none, and one of a receiver that has only one',
    [channels, `${head('Person', 'anna')}spec: { contacts: [ { notifier: phone, to: home }, { notifier: team, to: U1 } ] }`],
    [
      '2.yaml:5:44 expected a number such as +4915112345678',
      '2.yaml:5:74 chat has one address only: leave `to` out, or name another notifier',
    ],
  ],
  [
    'an address of its own at a receiver that has only one as it is configured',
    [
      `${head('Notifier', 'phone')}spec: { sms: { from: "+0" } }\n`,
      `${head('Person', 'anna')}spec: { contacts: [ { notifier: phone, to: "+49151" }, { notifier: phone } ] }`,
    ],
    ['2.yaml:5:44 it writes to one number alone: rent another one'],
  ],
  [
    'the same name twice, and two routings',
    [channels, channels.replaceAll('ops', 'other'), people, people.slice(people.lastIndexOf('---'))],
    ['2.yaml:4:19 there is another Notifier called "team"', '2.yaml:9:19 there is another Notifier called "phone"'],
  ],
];
for (const [what, texts, expected] of mistakes) test(`refused: ${what}`, () => assert.deepEqual(problemsOf(...texts), expected));

test('what two setups differ in is said document by document; comments and order are nothing', () => {
  const before = files(channels, people);
  const reordered = files(people, `# a remark\n${channels}`);
  assert.deepEqual(setupChanges(before, reordered), []);
  const after = files(`${channels.replace('room: ops', 'room: all')}${head('Notifier', 'mail')}spec: { chat: { room: m } }`);
  assert.deepEqual(
    setupChanges(before, after).map(({ change, kind, name }) => `${change} ${kind} ${name}`),
    [
      'changed Notifier team',
      'added Notifier mail',
      'removed Person anna',
      'removed Schedule days',
      'removed EscalationPolicy shop',
      'removed AlertRouting default',
    ],
  );
});

test('every kind of a setup is known as one', () => {
  assert(Object.keys(setupKinds(standIns)).every(isSetupKind));
  assert(!isSetupKind('Service'));
});

test('who is told of releases is one document of a setup, and names what there is', () => {
  const told = `${head('ReleaseNotices', 'releases')}spec: { tell: [ { notifier: team }, { schedule: days, events: [held], services: [pay-*], language: ru } ] }\n`;
  const { releaseNotices } = incidentSetup(files(channels, people, told), standIns);
  assert.deepEqual(releaseNotices, {
    name: 'releases',
    tell: [
      { to: { notifier: 'team' }, events: null, language: null, services: null },
      { to: { schedule: 'days' }, events: ['held'], language: 'ru', services: ['pay-*'] },
    ],
  });
  const wrong = `${head('ReleaseNotices', 'releases')}spec: { tell: [ { notifier: teem }, { person: anna, events: [held, done] }, { services: [shop] } ] }\n`;
  assert.deepEqual(problemsOf(channels, people, wrong), [
    '3.yaml:5:68 expected planned, started, step, held, rolled-back, succeeded or failed, found "done"',
    '3.yaml:5:77 expected somebody with schedule, person or notifier',
  ]);
  const twice = `${head('ReleaseNotices', 'releases')}spec: { tell: [ { notifier: team, events: [held, held] } ] }\n`;
  assert.deepEqual(problemsOf(channels, people, twice), ['3.yaml:5:50 expected each event once, found "held" again']);
  const unknown = `${head('ReleaseNotices', 'releases')}spec: { tell: [ { notifier: teem } ] }\n`;
  assert.deepEqual(problemsOf(channels, people, unknown), [
    '3.yaml:5:29 there is no Notifier called "teem"; did you mean "team"?',
  ]);
});
