import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { groupByService } from '../../incidents/group.ts';
import { defaultPolicy } from '../../slo/policy.ts';
import { textIn } from '../../spec/text.ts';
import type { Objective } from '../../spec/types.ts';
import { postMortemForms } from '../../views/post-mortem/forms.ts';
import type { Clock } from '../clock.ts';
import { KeptStage } from '../objectives/keeper.fixture.ts';
import { RecordedState } from '../recorded-state.ts';
import { IncidentKeeper } from './incident-keeper.ts';
import { type IncidentsRecorded, incidentRecording } from './incident-records.ts';
import { PostMortems } from './post-mortems.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-post-mortems-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const day = 86_400_000;
const availability: Objective = {
  name: 'availability',
  targetPpm: 999_000,
  windowMs: 30 * day,
  belowMs: null,
  alerts: defaultPolicy.slice(0, 1),
};
const asker = { by: 'anna', why: 'review' };

/** Counts, alerts, incidents and post-mortems of one controller, in a time that passes when the test says so. */
class Place extends KeptStage {
  records!: IncidentsRecorded;
  incidents!: IncidentKeeper;
  postMortems!: PostMortems;

  override async up(): Promise<void> {
    await super.up();
    // Whoever waits is woken by what is heard, and by nothing else.
    const clock: Clock = {
      now: () => this.nowMs,
      after: (_, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
    };
    const warn = (text: string) => void this.warnings.push(text);
    this.records = new RecordedState(incidentRecording, this.log, this.token, clock.now);
    await this.records.catchUp();
    const { records, alerts } = this;
    this.incidents = new IncidentKeeper({
      records,
      alerts,
      groupOf: groupByService,
      change: (build) => records.change(build),
      clock,
      warn,
    });
    this.postMortems = new PostMortems({
      records: this.records,
      log: this.log,
      objectives: this.keeper,
      expected: () => 25_920_000,
      find: async (id) => this.incidents.find(id),
      events: async (id) =>
        (await this.log.readAll(0, 100_000)).filter(
          ({ stream, data }) => stream === 'incidents' && (data as { readonly id: string }).id === id,
        ),
      updates: async () => [],
      services: () => [this.service],
      runs: () => [],
      minutes: () => [],
      consoleUrl: 'https://rampart.example.com',
      clock,
      warn,
    });
  }

  async down(): Promise<void> {
    await this.postMortems.stop();
    await this.incidents.stop();
    await this.keeper.stop();
  }

  /** Waits until the only incident is in a state. */
  async stands(state: string): Promise<string> {
    let id = '';
    await until(`the incident is ${state}`, async () => {
      const [incident] = this.incidents.all;
      id = incident?.id ?? '';
      return incident?.state === state;
    });
    return id;
  }
}

const place = new Place(join(folder, 'counts.db'), [availability]);
let id = '';

before(async () => {
  await place.up();
  await place.pass(600, { n: 10 });
  place.release('1.1.0', '1.0.0');
  await place.pass(120, { n: 9 }, { n: 1, bad: 1 });
  id = await place.stands('open');
  place.rolledBack();
  await place.pass(420, { n: 10 });
  await place.stands('resolved');
});
after(() => place.down());

test('an incident that has ended is measured and diagnosed once, on record, and its post-mortem is the same ever after', async () => {
  const kinds = () => place.postMortems.of(id).then(({ entries }) => entries.map(({ kind }) => kind));
  assert.ok(!(await kinds()).includes('incident-measured'), 'nothing is on record right at the end');
  await place.pass(20, { n: 10 });
  await place.postMortems.turn();
  await place.postMortems.turn();
  assert.equal((await kinds()).filter((kind) => kind === 'incident-measured').length, 1);

  const known = await place.postMortems.of(id);
  const [line] = known.impact;
  // One in ten requests of two minutes, and nothing else.
  assert.deepEqual([line?.counts.during.bad, line?.counts.during.total, line?.expectedBad], [120, 1_200, 0]);
  assert.deepEqual(
    line?.byVersion.map(({ version, bad, total }) => [version, bad, total]),
    [
      ['1.1.0', 120, 120],
      ['1.0.0', 0, 1_080],
    ],
  );
  assert.equal(line?.counts.missedMs, 120_000);
  const [started, detected] = known.clocks;
  assert.equal(started?.basis, 'counts');
  assert.ok((detected?.lagMs ?? -1) > 0, 'it was known of after its beginning');
  assert.equal(known.clocks.at(-1)?.lagMs, 120_000);
  assert.deepEqual([known.causes[0]?.id, known.causes[0]?.strength], ['release/release-1.1.0', 'strong']);

  const { lessons, cases } = await place.postMortems.learned(id);
  assert.ok(lessons.length > 0 && cases.length === lessons.length);
  const [lesson] = lessons;
  assert.ok((lesson?.now.detectedMs ?? 0) - (lesson?.then.detectedMs ?? 0) === lesson?.earlierMs);
  // What is replayed is what was judged live: it was known of a moment after the slot in which the replay fires.
  const lag = (detected?.lagMs ?? 0) - (lesson?.now.detectedMs ?? 0);
  assert.ok(lag >= 0 && lag < 10_000, `${lag} ms between replay and record`);
  assert.equal(known.proposals[0]?.kind, 'detection');

  const text = postMortemForms.html.write(known, 'ru');
  // The next controller, with counts that are coarse by now, and a service that knows nothing of the release any more.
  await place.pass(7_300, { n: 10 });
  place.service = { ...place.service, ended: [] };
  assert.equal(postMortemForms.html.write(await place.postMortems.of(id), 'ru'), text);
});

test('people write in it and decide what is to be done; two who do so at once get items of their own', async () => {
  await place.postMortems.edit(id, { authors: ['anna'], texts: { causes: 'a pool of 5' } }, asker);
  const item = { item: null, text: 'larger pool', owner: 'boris', due: '2026-12-11' };
  const both = await Promise.all([1, 2].map(() => place.postMortems.setItem(id, item, asker)));
  assert.deepEqual(
    both.map(({ item: one }) => one),
    ['a1', 'a2'],
  );
  await assert.rejects(place.postMortems.setItem(id, { ...item, due: 'soon' }, asker), { code: 'E_INPUT' });
  await assert.rejects(place.postMortems.edit('none', {}, asker), { code: 'E_UNKNOWN_INCIDENT' });
  const { review, entries } = await place.postMortems.of(id);
  assert.deepEqual([review.authors, review.texts.causes?.by, review.items.length], [['anna'], 'anna', 2]);
  assert.match(textIn(entries.at(-1)?.text ?? '', 'ru'), /^задача a2 \(boris, до 2026-12-11, предстоит\): larger pool$/);
});

test('what is to be done is known over all incidents, what is due first at the beginning, until it is done', async () => {
  await place.postMortems.setItem(id, { item: 'a2', due: '2020-01-02' }, asker);
  const { title } = await place.postMortems.of(id);
  const first = {
    incident: id,
    title,
    service: 'shop',
    id: 'a2',
    text: 'larger pool',
    owner: 'boris',
    due: '2020-01-02',
    isLate: true,
  };
  const then = { ...first, id: 'a1', due: '2026-12-11', isLate: false };
  assert.deepEqual(await place.postMortems.openItems(), [first, then]);
  await place.postMortems.setItem(id, { item: 'a2', state: 'dropped' }, asker);
  assert.deepEqual(await place.postMortems.openItems(), [then]);
  await place.postMortems.setItem(id, { item: 'a2', state: 'open' }, asker);
  assert.deepEqual(await place.postMortems.openItems(), [first, then]);
});

test('a beginning that a person corrects is the one that clocks and impact count from, on record with who and why', async () => {
  const before = await place.postMortems.of(id);
  const startedAtMs = (before.clocks[0]?.atMs ?? 0) - 60_000;
  await place.incidents.ask(id, { kind: 'started', startedAtMs }, asker);
  await place.postMortems.turn();
  await place.postMortems.turn();
  const known = await place.postMortems.of(id);
  const [started, detected] = known.clocks;
  assert.deepEqual([started?.atMs, started?.basis, started?.change], [startedAtMs, 'person', null]);
  assert.equal(known.entries.find(({ seq }) => seq === started?.seq)?.kind, 'incident-start-corrected');
  assert.equal(detected?.lagMs, (before.clocks[1]?.lagMs ?? 0) + 60_000);
  const span = ({ impact: [line] }: typeof known) => [line?.counts.during.fromMs, line?.counts.during.bad];
  assert.deepEqual(span(known), [startedAtMs, 120], 'a minute more, in which nothing was bad');
  assert.equal(known.entries.filter(({ kind }) => kind === 'incident-measured').length, 2);
  assert.match(postMortemForms.md.write(known, 'en'), /\| a person \|/);
});

test('a restart measures nothing twice', async () => {
  const before = (await place.postMortems.of(id)).entries.length;
  await place.down();
  await place.up();
  await place.postMortems.turn();
  assert.equal((await place.postMortems.of(id)).entries.length, before);
  const ours = place.warnings.filter((text) => !text.startsWith('objectives:'));
  assert.deepEqual(ours, []);
});
