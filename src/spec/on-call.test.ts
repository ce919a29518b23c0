import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { escalationPolicyDocument } from './escalation-policy.ts';
import { isSetupKind } from './incident-setup.ts';
import { inputSchema } from './json-schema.ts';
import { readOnCall } from './on-call-documents.ts';
import { personDocument } from './person.ts';
import { SpecError } from './problem.ts';
import { scheduleDocument } from './schedule.ts';

const kinds = { Person: personDocument, Schedule: scheduleDocument, EscalationPolicy: escalationPolicyDocument };
const textOf = (kind: string, spec: string): string =>
  `apiVersion: rampart/v1\nkind: ${kind}\nmetadata: { name: payments }\nspec:\n  ${spec}`;

function parsed(kind: keyof typeof kinds, spec: string): unknown {
  return parseDocuments(textOf(kind, spec), 'on-call.yaml', kinds)[0]?.value;
}

function problemsOf(kind: string, spec: string): readonly string[] {
  try {
    parseDocuments(textOf(kind, spec), 'on-call.yaml', kinds);
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.problems.map(({ line, path, message }) => `${line} ${path} | ${message}`);
  }
}

test('the files of a whole setup may be asked who is on call', () => {
  const others = ['Notifier', 'AlertRouting', 'Runbook', 'StatusPage', 'AlertSource', 'Narration', 'ReleaseNotices'];
  const text = others.map((kind) => textOf(kind, '{}')).join('\n---\n');
  assert(others.every(isSetupKind));
  assert.deepEqual(readOnCall([{ file: 'setup.yaml', text }]).notifiers, [{ name: 'payments' }]);
});

test('a person needs no more than a name', () => {
  const name = 'payments';
  const bare = { name, fullName: name, language: 'en', timeZone: null, contacts: [], accounts: {}, user: null };
  const text = textOf('Person', '').replace(/spec:\s*$/, '');
  assert.deepEqual(parseDocuments(text, 'on-call.yaml', kinds)[0]?.value, bare);
  assert.deepEqual(parsed('Person', 'contacts: [ { notifier: sms, to: "+7 900", severities: [P0] }, { notifier: chat } ]'), {
    ...bare,
    contacts: [
      { notifier: 'sms', to: '+7 900', severities: ['P0'] },
      { notifier: 'chat', to: null, severities: ['P0', 'P1', 'P2'] },
    ],
  });
});

test('a schedule is read with the times of its zone', () => {
  const spec = [
    'timeZone: Europe/Berlin',
    '  layers:',
    '    - name: all',
    '      rotation: { every: 2w, at: "08:30", on: monday, from: 2026-11-04 }',
    '      people: [anna, boris]',
    '      until: 2027-01-01',
    '      restrictions:',
    '        - { days: [saturday, sunday], from: "22:00", until: "06:00" }',
    '        - { from: friday 17:00, until: monday 09:00 }',
    '  overrides: [ { person: carl, from: 2026-12-24 09:00, until: "2026-12-24T18:00:00Z", why: a holiday } ]',
    '  swaps: [ { between: [ { person: anna, from: 2026-11-09, until: 2026-11-10 }, { person: boris, from: 2026-11-23, until: 2026-11-24 } ] } ]',
  ].join('\n');
  const berlin = (text: string): number => Date.parse(`${text}+01:00`);
  assert.deepEqual(parsed('Schedule', spec), {
    name: 'payments',
    timeZone: 'Europe/Berlin',
    layers: [
      {
        name: 'all',
        firstLocalMs: Date.parse('2026-11-09T08:30Z'),
        turnMs: 14 * 86_400_000,
        untilMs: berlin('2027-01-01T00:00'),
        people: ['anna', 'boris'],
        windows: [
          { fromMinute: 5 * 1_440 + 22 * 60, minutes: 480 },
          { fromMinute: 6 * 1_440 + 22 * 60, minutes: 480 },
          { fromMinute: 4 * 1_440 + 17 * 60, minutes: 2 * 1_440 + 16 * 60 },
        ],
      },
    ],
    overrides: [
      {
        person: 'carl',
        fromMs: berlin('2026-12-24T09:00'),
        untilMs: Date.parse('2026-12-24T18:00Z'),
        why: 'a holiday',
        insteadOf: null,
      },
      { person: 'boris', fromMs: berlin('2026-11-09T00:00'), untilMs: berlin('2026-11-10T00:00'), why: null, insteadOf: 'anna' },
      { person: 'anna', fromMs: berlin('2026-11-23T00:00'), untilMs: berlin('2026-11-24T00:00'), why: null, insteadOf: 'boris' },
    ],
  });
});

test('a schedule may name a calendar by its address, or by where the address is kept', () => {
  const calendarOf = (spec: string) => (parsed('Schedule', `calendar: ${spec}`) as { calendar: unknown }).calendar;
  const minutes = 15 * 60_000;
  assert.deepEqual(calendarOf('{ url: https://calendar.example/a.ics }'), {
    url: 'https://calendar.example/a.ics',
    everyMs: minutes,
  });
  assert.deepEqual(calendarOf('{ url: { env: TEAM }, every: 1h }'), { url: { env: 'TEAM', prefix: '' }, everyMs: 4 * minutes });
  assert.match(
    problemsOf('Schedule', 'calendar: { url: http://calendar.example/a.ics }').join(),
    /expected https, or an address of this/,
  );
  assert.match(problemsOf('Schedule', 'calendar: { url: { env: TEAM }, every: 1m }').join(), /calendar\.every \| /);
});

test('a policy has the matrix of severities unless it says otherwise', () => {
  const minute = 60_000;
  const all = ['P0', 'P1', 'P2'];
  const matrix = { P0: 5 * minute, P1: 30 * minute, P2: 'next-working-day' };
  assert.deepEqual(
    parsed('EscalationPolicy', 'steps: [ { notify: [ { schedule: payments } ] }, { notify: [ { person: lead } ] } ]'),
    {
      name: 'payments',
      steps: [
        { after: { P0: 0, P1: 0, P2: 0 }, severities: all, notify: [{ schedule: 'payments' }] },
        { after: matrix, severities: all, notify: [{ person: 'lead' }] },
      ],
      repeat: 3,
      severities: matrix,
      acknowledge: { expiresMs: { P0: 30 * minute, P1: 30 * minute, P2: 1_440 * minute } },
      workingDays: { timeZone: null, days: [0, 1, 2, 3, 4], beginsMinute: 540, holidays: [] },
    },
  );
});

const rotationWith = (rotation: string, more = ''): string =>
  `layers: [ { name: all, people: [anna], rotation: { ${rotation} }${more} } ]`;
const restrictedTo = (restriction: string): string =>
  rotationWith('every: 1d, from: 2026-11-02', `, restrictions: [ { ${restriction} } ]`);

const bad: readonly [kind: string, spec: string, problem: string][] = [
  [
    'Person',
    'contact: []',
    '5 spec.contact | unknown key "contact"; did you mean "contacts"? Known here: accounts, contacts, fullName, language, timeZone, user',
  ],
  ['Person', 'language: de', '5 spec.language | expected en or ru, found "de"'],
  ['Person', 'timeZone: Moscow', '5 spec.timeZone | expected a time zone such as UTC or Europe/Moscow, found "Moscow"'],
  [
    'Person',
    'contacts: [ { notifier: sms, severities: [P0, P0] } ]',
    '5 spec.contacts[0].severities[1] | expected each severity once, found "P0" again',
  ],
  [
    'Schedule',
    rotationWith('every: 10m, from: 2026-11-02'),
    '5 spec.layers[0].rotation.every | expected a duration from 1h to 366d, found 10m',
  ],
  [
    'Schedule',
    rotationWith('every: 1d, from: 2026-02-30'),
    '5 spec.layers[0].rotation.from | expected a date such as 2026-11-02, found "2026-02-30"',
  ],
  [
    'Schedule',
    rotationWith('every: 1d, from: 2026-11-02, at: 9am'),
    '5 spec.layers[0].rotation.at | expected a time of the day such as "09:00", found "9am"',
  ],
  [
    'Schedule',
    rotationWith('every: 1d, on: monday, from: 2026-11-02'),
    '5 spec.layers[0].rotation.on | expected turns of whole weeks (every: 1w) with a day to hand over',
  ],
  [
    'Schedule',
    rotationWith('every: 1w, on: mon, from: 2026-11-02'),
    '5 spec.layers[0].rotation.on | expected monday, tuesday, wednesday, thursday, friday, saturday or sunday, found "mon"',
  ],
  [
    'Schedule',
    'layers: [ { name: all, people: [], rotation: { every: 1d, from: 2026-11-02 } } ]',
    '5 spec.layers[0].people | expected at least 1 item, found 0',
  ],
  [
    'Schedule',
    restrictedTo('from: friday 17:00, until: "09:00"'),
    '5 spec.layers[0].restrictions[0].until | expected a day in both `from` and `until`, or in none of them',
  ],
  [
    'Schedule',
    restrictedTo('from: "9", until: "17:00"'),
    '5 spec.layers[0].restrictions[0].from | expected a time such as "09:00", or a day and a time such as friday 17:00, found "9"',
  ],
  [
    'Schedule',
    'overrides: [ { person: anna, from: 2026-11-03, until: 2026-11-02 } ]',
    '5 spec.overrides[0].until | expected an end after the beginning',
  ],
  [
    'Schedule',
    'overrides: [ { person: anna, from: soon, until: 2026-11-02 } ]',
    '5 spec.overrides[0].from | expected a time such as "2026-11-02 09:00", found "soon"',
  ],
  [
    'Schedule',
    'swaps: [ { between: [ { person: a, from: 2026-11-02, until: 2026-11-03 }, { person: a, from: 2026-11-04, until: 2026-11-05 } ] } ]',
    '5 spec.swaps[0].between[1].person | expected two people, found "a" twice',
  ],
  ['EscalationPolicy', 'steps: []', '5 spec.steps | expected at least 1 item, found 0'],
  [
    'EscalationPolicy',
    'steps: [ { notify: [ { schedul: a } ] } ]',
    '5 spec.steps[0].notify[0].schedul | unknown key "schedul"; did you mean "schedule"? Known here: notifier, person, schedule',
  ],
  [
    'EscalationPolicy',
    'steps: [ { after: soon, notify: [ { person: a } ] } ]',
    '5 spec.steps[0].after | expected a duration such as 5m, found "soon"',
  ],
  [
    'EscalationPolicy',
    'steps: [ { after: { P3: 5m }, notify: [ { person: a } ] } ]',
    '5 spec.steps[0].after.P3 | unknown key "P3"; did you mean "P0"? Known here: P0, P1, P2',
  ],
  [
    'EscalationPolicy',
    '{ steps: [ { notify: [ { person: a } ] } ], severities: { P0: 0s } }',
    '5 spec.severities.P0 | expected a duration from 1m to 31d, found 0s',
  ],
  [
    'EscalationPolicy',
    '{ steps: [ { notify: [ { person: a } ] } ], repeat: -1 }',
    '5 spec.repeat | expected a number of at least 0, found -1',
  ],
];
for (const [kind, spec, problem] of bad)
  test(`a ${kind} with ${spec.slice(0, 70)} is refused`, () => assert.deepEqual(problemsOf(kind, spec), [problem]));

test('every kind has a JSON schema with its choices written out', () => {
  const shown = JSON.stringify(Object.values(kinds).map(inputSchema));
  for (const part of ['next-working-day', 'restrictions', 'payments-slack', '"schedule"']) assert(shown.includes(part), part);
});
