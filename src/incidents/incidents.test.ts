import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textIn } from '../spec/text.ts';
import { acknowledgedForMs } from './acknowledgement.ts';
import { overdue, reopenWithinMs, takeInAll } from './decide.ts';
import { groupByService } from './group.ts';
import { ended, firing, Story } from './story.fixture.ts';

const minute = 60_000;
const ack = { kind: 'acknowledge', forMs: acknowledgedForMs } as const;

test('the first alert of a service opens an incident, the others join it, and it is over when all of them have ended', () => {
  const story = new Story();
  const [slow, bad] = [firing('latency P1', { urgency: 'chat', pendingAtMs: story.atMs - minute }), firing('errors P0')];
  story.alerts(slow);
  assert.deepEqual(
    [story.last.id, story.last.title, story.last.severity, story.last.startedAtMs],
    ['checkout-20261129-1', 'checkout: latency P1', 'P1', story.atMs - minute],
  );
  story.alerts(bad);
  story.alerts(ended(bad, story.atMs));
  assert.deepEqual([story.last.severity, story.last.alertCount, story.last.firing], ['P0', 2, 1]);
  story.alerts(ended(slow, story.atMs));
  const want = ['opened', 'alert-joined', 'severity-changed', 'alert-joined', 'alert-ended', 'alert-ended', 'resolved'];
  assert.deepEqual(story.kinds, want);
  assert.equal(story.last.state, 'resolved');
});

test('an alert that is told again changes nothing, nor does its end', () => {
  const story = new Story();
  const alert = firing('errors');
  story.alerts(alert, alert);
  assert.deepEqual(story.alerts(alert), []);
  story.alerts(ended(alert, story.atMs));
  assert.deepEqual(story.alerts(ended(alert, story.atMs)), []);
  assert.equal(story.last.alertCount, 1);
});

test('one that came and went before anybody looked is an incident that is over', () => {
  const story = new Story();
  story.alerts(ended(firing('errors'), 2_000));
  assert.deepEqual([story.last.state, story.last.alertCount, story.last.firing], ['resolved', 1, 0]);
});

test('what comes again within the time reopens it, and after that is another incident', () => {
  const story = new Story();
  for (let flap = 0; flap < 10; flap += 1) {
    const alert = firing('errors', { pendingAtMs: story.atMs });
    story.alerts(alert);
    story.pass(minute);
    story.alerts(ended(alert, story.atMs));
    story.pass(reopenWithinMs);
  }
  assert.deepEqual([story.all.length, story.last.alertCount, story.last.state], [1, 10, 'resolved']);
  story.pass(1);
  story.alerts(firing('errors', { pendingAtMs: story.atMs }));
  assert.deepEqual(
    story.all.map(({ id, state }) => [id, state]),
    [
      ['checkout-20261129-1', 'resolved'],
      ['checkout-20261129-2', 'open'],
    ],
  );
});

test('an incident is mitigated while its alerts last only because of what was before, and open again when that is not so', () => {
  const story = new Story();
  const alert = firing('errors');
  story.alerts(alert);
  story.alerts({ ...alert, state: 'recovering' });
  assert.deepEqual([story.last.state, story.last.firing, story.last.recovering], ['mitigated', 0, 1]);
  story.alerts(alert);
  assert.deepEqual([story.last.state, story.last.firing, story.last.recovering], ['open', 1, 0]);
  story.alerts({ ...alert, state: 'recovering' });
  story.alerts(ended(alert, 5_000));
  assert.deepEqual([story.last.state, story.last.recovering], ['resolved', 0]);
});

test('an acknowledgement lasts as long as somebody is seen at work, and then the incident is open again', () => {
  const story = new Story();
  story.alerts(firing('errors'));
  assert.deepEqual([story.ask(ack).done, story.ask(ack).done, story.last.state], [true, false, 'acknowledged']);
  story.pass(20 * minute);
  story.ask({ kind: 'note', note: 'n1', text: 'the database is full' });
  story.ask({ kind: 'note', note: 'n2', text: 'somebody else' }, 'boris');
  story.pass(29 * minute);
  assert.equal(story.last.state, 'acknowledged');
  story.pass(minute);
  assert.deepEqual([story.last.state, story.last.ack, story.kinds.at(-1)], ['open', null, 'acknowledgement-ended']);
  story.ask(ack, 'boris');
  assert.deepEqual(story.ask(ack, 'anna').said, {
    en: 'anna has taken it over from boris',
    ru: 'anna принимает инцидент от boris',
  });
});

test('verbs on an incident that is over say so, and only one that nothing else stands for is reopened', () => {
  const story = new Story();
  const alert = firing('errors');
  story.alerts(alert);
  const first = story.last.id;
  assert.deepEqual(story.ask({ kind: 'resolve' }).said, {
    en: 'resolved by anna, while an alert of it still fires',
    ru: 'завершён (anna), хотя тревоги ещё активны: 1',
  });
  assert.deepEqual(story.alerts(alert), [], 'the alert is known');
  for (const kind of ['mitigate', 'resolve'] as const) {
    const { done, said } = story.ask({ kind });
    assert.deepEqual(
      [done, said],
      [false, { en: `${first} is over; reopen it to go on`, ru: `${first} завершён; чтобы продолжить, откройте его снова` }],
    );
  }
  story.pass(reopenWithinMs + 1);
  story.alerts(firing('latency', { pendingAtMs: story.atMs }));
  assert.equal(story.all.length, 2);
  assert.equal(story.ask({ kind: 'reopen' }, 'anna', first).done, false);
  story.ask({ kind: 'resolve' });
  assert.equal(story.ask({ kind: 'reopen' }, 'anna', first).done, true);
  story.alerts(ended(alert, story.atMs));
  const over = story.state.incidents.get(first);
  assert.deepEqual([over?.state, over?.firing], ['resolved', 0]);
  assert.deepEqual(
    [story.ask({ kind: 'review' }, 'anna', first).done, story.ask({ kind: 'review' }, 'anna', first).done],
    [true, false],
  );
  assert.equal(story.ask({ kind: 'reopen' }, 'anna', first).done, false);
});

test('a severity set by hand stays, until an alert comes that is worse than all that were known', () => {
  const story = new Story();
  story.alerts(firing('a', { urgency: 'chat' }));
  assert.equal(story.ask({ kind: 'severity', severity: 'P2' }).done, true);
  story.alerts(firing('b', { urgency: 'chat' }));
  assert.deepEqual([story.last.severity, story.last.severityBy], ['P2', 'anna']);
  story.alerts(firing('c', { urgency: 'page' }));
  assert.deepEqual([story.last.severity, story.last.severityBy], ['P0', null]);
});

test('whoever has taken it as something milder has not taken what it becomes, unless they say so themselves', () => {
  const story = new Story();
  const took = () => [story.last.state, story.last.ack?.by ?? null, (story.last.ack?.untilMs ?? story.atMs) - story.atMs];
  story.alerts(firing('a', { urgency: 'email' }));
  story.ask({ kind: 'acknowledge', forMs: 24 * 3_600_000 });
  story.ask({ kind: 'severity', severity: 'P1' });
  assert.deepEqual(took(), ['acknowledged', 'anna', acknowledgedForMs], 'for as long as such a word counts');
  story.alerts(firing('b', { urgency: 'page' }));
  assert.deepEqual(took(), ['open', null, 0]);
  assert.deepEqual(story.kinds.slice(-3), ['severity-changed', 'acknowledgement-ended', 'alert-joined']);
  story.ask({ kind: 'acknowledge', forMs: null });
  story.ask({ kind: 'severity', severity: 'P2' }, 'boris');
  assert.equal(story.last.ack?.by, 'anna', 'what becomes milder stays taken');
  story.ask({ kind: 'severity', severity: 'P1' }, 'boris');
  assert.deepEqual(took(), ['open', null, 0]);
});

test('an alert that says it began decades ago began 30 days ago at most, also one that joins', () => {
  const story = new Story();
  const earliestMs = story.atMs - 30 * 86_400_000;
  story.alerts(firing('disk', { pendingAtMs: 0 }));
  assert.equal(story.last.startedAtMs, earliestMs);
  story.alerts(firing('queue', { pendingAtMs: 1 }));
  assert.deepEqual([story.all.length, story.last.alertCount, story.last.startedAtMs], [1, 2, earliestMs]);
});

test('whoever makes an incident worse is told what comes of its acknowledgement', () => {
  const story = new Story();
  story.alerts(firing('a', { urgency: 'chat' }));
  story.ask(ack, 'boris');
  assert.equal(textIn(story.ask({ kind: 'severity', severity: 'P0' }).said, 'en'), 'P0, set by anna; boris has it no more');
});

test('an incident opened by hand takes the alerts of its service, and is ended by hand', () => {
  const story = new Story();
  assert.equal(story.open({ key: 'by hand', service: 'checkout' }).done, true);
  assert.equal(story.open({ key: 'again', service: 'checkout' }).done, false);
  const alert = firing('errors');
  story.alerts(alert);
  story.alerts(ended(alert, story.atMs));
  assert.deepEqual([story.all.length, story.last.severity, story.last.state], [1, 'P0', 'mitigated']);
});

test('the attribution is the one with a release and the most evidence', () => {
  const story = new Story();
  const said = (release: string | null, bad: number) => ({
    release: release === null ? null : { id: release, version: '2', stable: '1' },
    step: null,
    versions: [{ version: '2', bad, total: 100 }],
    said: `${release} ${bad}`,
  });
  const alert = firing('errors', { attribution: said(null, 5) });
  story.alerts(alert);
  assert.equal(story.last.attribution?.said, 'null 5');
  story.alerts({ ...alert, attribution: said('r-1', 3) });
  story.alerts({ ...alert, attribution: said(null, 50) });
  story.alerts(firing('latency', { attribution: said('r-1', 9) }));
  story.alerts({ ...alert, attribution: said('r-1', 4) });
  assert.equal(story.last.attribution?.said, 'r-1 9');
});

test('whoever starts anew finds what came, went and was forgotten meanwhile', () => {
  const story = new Story();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => firing(name, { service: name })) as [
    ReturnType<typeof firing>,
    ...ReturnType<typeof firing>[],
  ];
  story.alerts(a, b as typeof a);
  const now = { open: new Map([[d?.key ?? '', d as typeof a]]), ended: [ended(c as typeof a, story.atMs), ended(a, story.atMs)] };
  story.pass(minute);
  const events = takeInAll(story.state, now, groupByService, story.atMs);
  const of = (kind: string) => events.filter((event) => event.kind === kind).map(({ data }) => data.id.slice(0, 1));
  assert.deepEqual(of('incident-opened').toSorted(), ['c', 'd']);
  assert.deepEqual(of('incident-resolved').toSorted(), ['a', 'b', 'c']);
  assert.deepEqual(
    takeInAll(new Story().state, { open: new Map(), ended: now.ended }, groupByService, story.atMs),
    [],
    'history is no news',
  );
});

test('a person says when it began: alerts that join do not move it, asked again it is so already, and what cannot be is refused', () => {
  const story = new Story();
  story.alerts(firing('errors', { pendingAtMs: story.atMs - minute }));
  const { openedAtMs } = story.last;
  const started = (startedAtMs: number) => story.ask({ kind: 'started', startedAtMs });
  assert.equal(story.last.startedBy, null);
  assert.deepEqual(started(openedAtMs - 10 * minute).said, {
    en: 'it began at 2026-11-29 11:50:00 UTC',
    ru: 'начало: 2026-11-29 11:50:00 UTC',
  });
  story.alerts(firing('latency', { pendingAtMs: openedAtMs - 20 * minute }));
  assert.deepEqual([story.last.startedAtMs, story.last.startedBy], [openedAtMs - 10 * minute, 'anna']);
  assert.equal(started(openedAtMs - 10 * minute).done, false);
  assert.throws(() => started(openedAtMs + 1), { code: 'E_INPUT', message: /known of at 2026-11-29 12:00:00 UTC/ });
  assert.throws(() => started(openedAtMs - 31 * 86_400_000), { code: 'E_INPUT', message: /more than 30 days later/ });
  story.ask({ kind: 'resolve' });
  assert.ok(started(openedAtMs).done, 'also of one that is over');
  story.ask({ kind: 'review' });
  assert.equal(started(openedAtMs - minute).done, false, 'an accepted post-mortem stays what it is');
  assert.equal(story.last.startedAtMs, openedAtMs);
});

test('who opens one by hand and says when it began is believed; who only opens it has not said so', () => {
  const story = new Story();
  story.open({ key: 'hand:a', startedAtMs: story.atMs - minute });
  assert.equal(story.last.startedBy, 'anna');
  story.open({ key: 'hand:b' });
  assert.equal(story.last.startedBy, null);
});

test('what still fires half an hour after somebody has ended it is open again, with that, once; also when more were ended for the same', () => {
  const story = new Story();
  const [errors, slow] = [firing('errors'), firing('slow')];
  story.alerts(errors, slow);
  const [first] = story.all;
  story.ask({ kind: 'resolve' }, 'boris');
  story.pass(20 * minute);
  story.alerts(firing('full'));
  assert.equal(story.all.length, 2, 'another alert is another incident by then');
  story.pass(20 * minute);
  assert.deepEqual(
    story.all.map(({ state }) => state),
    ['resolved', 'open'],
    'there is one open for the same',
  );
  story.ask({ kind: 'resolve' });
  story.pass(29 * minute);
  assert.deepEqual(
    story.all.map(({ state }) => state),
    ['open', 'resolved'],
  );
  const said = story.records.findLast(({ kind }) => kind === 'incident-reopened');
  assert(said?.kind === 'incident-reopened');
  assert.deepEqual([said.data.id, said.actor], [first?.id, 'rampart']);
  assert.match(JSON.stringify(said.data.said), /errors and 1 more still fire 30m after it was resolved by hand/);
  story.alerts(ended(errors, story.atMs), ended(slow, story.atMs), ended(firing('full'), story.atMs));
  assert.equal(story.all[0]?.state, 'resolved');
  story.pass(120 * minute);
  assert.equal(story.all[0]?.state, 'resolved');
});

test('what was ended by hand and is silenced stays ended while it is', () => {
  const story = new Story();
  story.alerts(firing('errors'));
  story.ask({ kind: 'resolve' });
  const later = story.atMs + 31 * minute;
  assert.deepEqual(
    overdue(story.state, later, () => true),
    [],
  );
  assert.equal(overdue(story.state, later).length, 1);
});
