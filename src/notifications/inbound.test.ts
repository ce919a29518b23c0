import assert from 'node:assert/strict';
import { test } from 'node:test';
import { person, policy as policyOf } from '../incidents/setup.fixture.ts';
import { firing, Story } from '../incidents/story.fixture.ts';
import type { Incident } from '../incidents/types.ts';
import { textIn } from '../spec/text.ts';
import { meant } from './inbound.ts';

const people = [
  person('anna', '{ fullName: Anna, contacts: [ { notifier: sms, to: "+70000000001" } ], accounts: { bot: "1" } }'),
];
const story = new Story();
for (const service of ['shop', 'cart']) story.alerts(firing('errors', { service, pendingAtMs: story.atMs }));
const policy = policyOf('shop', '{ steps: [ { notify: [ { person: anna } ] } ] }');
const told = (incident: Incident, atMs: number, index: number): Incident => ({
  ...incident,
  escalation: { policy, code: String(index + 1), done: [], lapsedAtMs: null, raisedAtMs: null },
  room: { number: 1, notifier: 'bot', state: 'open', channel: `C-${incident.id}`, name: null, url: null, atMs, said: '' },
  told: [{ key: 'k', atMs, person: 'anna', notifier: 'sms', step: 0, state: 'delivered', said: '' }],
});
const incidents = story.all.map((incident, index) => told(incident, 10 - index, index));
const asked = { id: '1', thread: 'cart-20261129-1', code: null, verb: 'acknowledge', person: '1', text: '' };
const of = (more: Partial<typeof asked> | object, notifier = 'bot') => {
  const found = meant({ ...asked, ...more }, notifier, people, incidents);
  if (found.kind === 'rollback') return `${found.person.name} rollback ${found.incident.id}`;
  if (found.kind === 'release') return `${found.person.name} ${found.verb} ${found.release}`;
  return found.kind === 'verb' ? `${found.person.name} ${found.verb.kind} ${found.incident.id}` : textIn(found.why ?? '', 'en');
};

for (const [name, more, notifier, want] of [
  ['a button', {}, 'bot', 'anna acknowledge cart-20261129-1'],
  ['a reply without more', { thread: null, person: '+70000000001', verb: 'resolve' }, 'sms', 'anna resolve shop-20261129-1'],
  ['the button that takes a release back', { verb: 'rollback' }, 'bot', 'anna rollback cart-20261129-1'],
  ['a button of a release', { thread: 'release/shop-1', verb: 'approve' }, 'bot', 'anna approve shop-1'],
  ['a button that takes a release back', { thread: 'release/shop-1', verb: 'rollback' }, 'bot', 'anna rollback shop-1'],
  [
    'what no release can be asked for by a button',
    { thread: 'release/shop-1', verb: 'promote' },
    'bot',
    'promote is nothing that a release can be asked for',
  ],
  [
    'a stranger who presses a button of a release',
    { thread: 'release/shop-1', person: '2' },
    'bot',
    'no person has an account "2" at bot',
  ],
  ['a stranger', { person: '2' }, 'bot', 'no person has an account "2" at bot'],
  ['an account of another receiver', {}, 'sms', 'no person has an account "1" at sms'],
  ['an incident there is not', { thread: 'none' }, 'bot', 'there is no incident none'],
  ['a reply with a number', { thread: null, code: '2', person: '+70000000001' }, 'sms', 'anna acknowledge cart-20261129-1'],
  ['a number there is not', { thread: null, code: '9' }, 'bot', 'there is no incident 9'],
  ['a note in a room', { thread: null, room: 'C-cart-20261129-1', verb: 'note' }, 'bot', 'anna note cart-20261129-1'],
  ['a command in a room', { thread: null, room: 'C-shop-20261129-1', verb: 'mitigate' }, 'bot', 'anna mitigate shop-20261129-1'],
  [
    'a severity in a room',
    { thread: null, room: 'C-shop-20261129-1', verb: 'severity', text: 'P1' },
    'bot',
    'anna severity shop-20261129-1',
  ],
  [
    'a severity there is not',
    { thread: null, room: 'C-shop-20261129-1', verb: 'severity', text: 'P9' },
    'bot',
    'P9 is no severity',
  ],
  ['a channel that is no room', { thread: null, room: 'C-other', verb: 'note', person: '2' }, 'bot', ''],
  ['a room at another receiver', { thread: null, room: 'C-shop-20261129-1', verb: 'note' }, 'sms', ''],
  [
    'a stranger in a room',
    { thread: null, room: 'C-shop-20261129-1', verb: 'note', person: '2' },
    'bot',
    'no person has an account "2" at bot',
  ],
  ['something else', { verb: 'dance' }, 'bot', 'dance is nothing that can be asked for there'],
] as const)
  test(`what is meant by ${name}`, () => assert.equal(of(more, notifier), want));
