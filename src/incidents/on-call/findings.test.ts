import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textIn } from '../../spec/text.ts';
import { person, policy, schedule } from '../setup.fixture.ts';
import { findings, type OnCallSetup } from './findings.ts';

/** A Saturday: clocks in Berlin are put forward in the night to Sunday. */
const fromMs = Date.parse('2026-03-28T00:00Z');
const untilMs = fromMs + 7 * 86_400_000;

const reached = '{ contacts: [ { notifier: sms, to: "+1" }, { notifier: mail } ] }';
const anna = person('anna', reached);
const boris = person('boris', reached);
const always = schedule(
  'always',
  '{ timeZone: Europe/Berlin, layers: [ { name: all, people: [anna, boris], rotation: { every: 1d, from: 2026-01-01 } } ] }',
);
const good: OnCallSetup = {
  people: [anna, boris],
  schedules: [always],
  policies: [policy('page', '{ steps: [ { notify: [ { schedule: always } ] }, { notify: [ { notifier: chat } ] } ] }')],
  notifiers: [{ name: 'sms' }, { name: 'mail' }, { name: 'chat' }],
};

function found(change: Partial<OnCallSetup>, language: 'en' | 'ru' = 'en'): readonly string[] {
  return findings({ ...good, ...change }, fromMs, untilMs).map(
    ({ level, document, path, text }) => `${level} ${document.kind} ${document.name} ${path}: ${textIn(text, language)}`,
  );
}
const steps = (...lists: readonly string[]) => [
  policy('page', `{ steps: [ ${lists.map((list) => `{ notify: [ ${list} ] }`).join(', ')} ] }`),
];

const cases: readonly [name: string, change: Partial<OnCallSetup>, lines: readonly string[]][] = [
  ['a setup that reaches somebody at any time', {}, []],
  [
    'a gap, with its times on the clocks of the place',
    {
      schedules: [
        schedule(
          'always',
          '{ timeZone: Europe/Berlin, layers: [ { name: days, people: [anna], rotation: { every: 1d, from: 2026-01-01 }, restrictions: [ { from: "01:00", until: "22:30" } ] } ] }',
        ),
      ],
    },
    [
      'error EscalationPolicy page steps[0]: for P0, P1, P2 it reaches nobody from 2026-03-28 22:30 to 2026-03-29 01:00 (Europe/Berlin), and 6 more times',
      'warning Schedule always : nobody is on call from 2026-03-28 22:30 to 2026-03-29 01:00 (Europe/Berlin), and 6 more times',
    ],
  ],
  [
    'a gap of a schedule that no policy names',
    {
      schedules: [
        always,
        schedule(
          'free',
          '{ layers: [ { name: l, people: [anna], rotation: { every: 1d, from: 2026-01-01 }, until: 2026-03-30 } ] }',
        ),
      ],
    },
    ['error Schedule free : nobody is on call from 2026-03-30 00:00 to 2026-04-04 00:00 (UTC)'],
  ],
  [
    'a schedule without people that a channel makes up for',
    { schedules: [schedule('always', '{}')], policies: steps('{ schedule: always }, { notifier: chat }') },
    ['error Schedule always : nobody is on call, ever: it has no layers and no overrides'],
  ],
  [
    'names without a document, with the nearest',
    { people: [anna, person('boriss', reached)], notifiers: [{ name: 'sms' }, { name: 'email' }] },
    [
      'error Person anna contacts[1]: there is no Notifier mail; did you mean email?',
      'error Person boriss contacts[1]: there is no Notifier mail; did you mean email?',
      'error Schedule always layers[0].people: there is no Person boris; did you mean boriss?',
      'error EscalationPolicy page steps[1].notify[0]: there is no Notifier chat',
      'error EscalationPolicy page steps[0]: for P0, P1, P2 it reaches nobody from 2026-03-28 01:00 to 2026-03-28 09:00 (Europe/Berlin), and 3 more times',
    ],
  ],
  [
    'somebody on call whom nothing reaches',
    { people: [anna, person('boris', '{}')], policies: steps('{ schedule: always }, { notifier: chat }') },
    [
      'error Person boris contacts: cannot be reached for P0, P1, P2, and is on call from 2026-03-28 01:00 to 2026-03-28 09:00 (Europe/Berlin): no contact is for it',
    ],
  ],
  [
    'one way alone to reach somebody at night',
    { people: [anna, person('boris', '{ contacts: [ { notifier: sms }, { notifier: mail, severities: [P1, P2] } ] }')] },
    ['warning Person boris contacts: can be reached for P0 by sms alone: when that is down, by nothing'],
  ],
  [
    'an escalation to oneself, but only while it is',
    { policies: steps('{ schedule: always }', '{ person: boris }', '{ notifier: chat }') },
    [
      'warning EscalationPolicy page steps[1]: for P0, P1, P2 it tells only boris again, as the step before it does, from 2026-03-28 01:00 to 2026-03-28 09:00 (Europe/Berlin)',
    ],
  ],
  [
    'a severity that no step is for',
    { policies: [policy('page', '{ steps: [ { severities: [P0, P1], notify: [ { notifier: chat } ] } ] }')] },
    ['error EscalationPolicy page steps: nobody is told of P2: no step is for it'],
  ],
  [
    'a swap of a turn that somebody does not have',
    {
      schedules: [
        {
          ...always,
          overrides: schedule(
            's',
            '{ timeZone: Europe/Berlin, swaps: [ { between: [ { person: anna, from: 2026-03-28 09:00, until: 2026-03-29 09:00 }, { person: boris, from: 2026-03-30 09:00, until: 2026-03-31 09:00 } ] } ] }',
          ).overrides,
        },
      ],
    },
    [
      'warning Schedule always swaps: boris is not on call from 2026-03-30 09:00 to 2026-03-31 09:00 (Europe/Berlin), so there is nothing to swap',
    ],
  ],
];
for (const [name, change, lines] of cases) test(name, () => assert.deepEqual(found(change), lines));

test('every sentence is there in Russian', () => {
  for (const [, change] of cases) for (const line of found(change, 'ru')) assert.match(line, /: .*[а-я]/);
});
