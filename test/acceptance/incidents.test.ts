import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import type { IncidentView } from '../../src/views/incident-view.ts';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

const stage = new Stage();
// What notices it here is a monitoring of the user's own.
const incidents = '{ signals: false, respond: { P0: [check, rollback], margin: 1s, verify: 40s } }';

/** Counted, and told of by nobody: the alert of this story comes from outside. */
const objectives = '[ { name: availability, target: 99.9%, window: 30d, alerts: off } ]';

/** A monitoring of the user's own: says that too many requests fail while that is so, as Prometheus would. */
class Monitoring {
  readonly #users: Users;
  #before = { answered: 0, failed: 0 };
  #isFiring = false;

  constructor(users: Users) {
    this.#users = users;
  }

  async look(): Promise<void> {
    const { answered, failed } = this.#users;
    if (answered - this.#before.answered < 10) return;
    const isBad = (failed - this.#before.failed) / (answered - this.#before.answered) > 0.5;
    this.#before = { answered, failed };
    if (isBad !== this.#isFiring) await this.#tell(isBad);
    this.#isFiring = isBad;
  }

  async #tell(isFiring: boolean): Promise<void> {
    const alert = {
      labels: { alertname: 'TooManyErrors', service: 'shop', severity: 'critical' },
      annotations: { summary: 'more than half of the requests fail' },
      ...(isFiring ? {} : { endsAt: new Date().toISOString() }),
    };
    assert.equal((await stage.ask('POST', '/api/v2/alerts', [alert])).status, 200);
  }
}

const incidentOf = async (service: string): Promise<IncidentView | undefined> => {
  const { body } = await stage.ask('GET', `/api/v1/incidents?service=${service}`);
  const [row] = (body as { incidents: readonly { id: string }[] }).incidents;
  return row && ((await stage.ask('GET', `/api/v1/incidents/${row.id}`)).body as IncidentView);
};

describe('incidents', () => {
  before(() => stage.up());
  after(() => stage.close());

  test('a version that breaks after its promotion is rolled back through a killed controller, and the incident says that it helped', async () => {
    const shop = await stage.place('shop', { incidents, objectives });
    stage.behaves('2.0.0', { failing: false });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 40);
    const monitoring = new Monitoring(users);
    const has = async (isSo: (incident: IncidentView) => boolean): Promise<boolean> => {
      await monitoring.look();
      const found = await incidentOf('shop');
      return found !== undefined && isSo(found);
    };
    try {
      await stage.install(shop, '2.0.0');
      stage.behaves('2.0.0', { failing: true });
      await until('it is taken back', () => has(({ actions }) => actions.some(({ kind }) => kind === 'rollback')));
      await stage.down('SIGKILL');
      await stage.up();
      await until('it is over', () => has(({ state }) => state === 'resolved'));
      await until('it is told how it ended', () => has(({ actions }) => actions.every(({ endedAtMs }) => endedAtMs !== null)));
      await until('the version before is stable', async () => (await stage.service('shop')).stable?.version === '1.0.0');
    } finally {
      await users.stop();
    }
    const incident = await incidentOf('shop');
    assert(incident);
    const done = incident.actions.filter(({ kind }) => kind !== 'check').map(({ id, outcome }) => `${id} ${outcome}`);
    assert.equal(done[0], 'rollback-1 helped');
    // Where the monitoring was quicker than the look at the release, there was nothing left to wait for.
    assert.deepEqual(done.slice(1), done.length > 1 ? ['verify-1 helped'] : []);
    assert.match(
      incident.actions.find(({ kind }) => kind === 'rollback')?.said ?? '',
      /^2\.0\.0 is taken back, 1\.0\.0 gets all/,
    );
    assert.deepEqual([incident.severity, incident.person, incident.attribution?.release?.version], ['P0', null, '2.0.0']);
    const shown = await stage.cli('incidents', 'show', incident.id);
    assert.match(shown.out, /rollback \(helped\): 2\.0\.0 is taken back/);
    // Counted by the router itself, a slot of ten seconds behind: the version that broke has failed, and is named.
    let post = '';
    await until('its impact is counted', async () => {
      post = (await stage.cli('postmortem', incident.id)).out;
      return /\| shop\/availability \| 2\.0\.0 \| [1-9][\d,]* \|/.test(post);
    });
    assert.match(post, /^# Post-mortem: shop: TooManyErrors\n/);
    assert.match(post, /### Release: 2\.0\.0 \(release [^)]+\)/);
    const causes = stage.write('causes.txt', 'a pool of 5\nfor 40 users');
    assert.equal((await stage.cli('postmortem', 'write', incident.id, '--causes', `@${causes}`)).code, 0);
    const item = ['--text', 'larger pool', '--owner', 'boris', '--due', '2026-12-11'];
    assert.equal((await stage.cli('postmortem', 'item', incident.id, ...item)).code, 0);
    assert.equal((await stage.cli('postmortem', 'accept', incident.id)).code, 0);
    const russian = (await stage.cli('postmortem', incident.id, '--format', 'html', '--lang', 'ru')).out;
    for (const text of ['<p>a pool of 5</p>', 'a1: larger pool', '<dd>разобран</dd>']) assert.ok(russian.includes(text), text);
    const listed = await stage.cli('incidents', 'list', '--all');
    assert.deepEqual([listed.code, /reviewed +shop: TooManyErrors/.test(listed.out)], [0, true]);
    const [release] = (await stage.json<{ releases: readonly { by: string; why: string }[] }>(0, 'releases', 'shop')).releases;
    assert.deepEqual([release?.by, release?.why.endsWith(`(incident ${incident.id}/rollback-1)`)], ['rampart', true]);
  });

  test('a release that the guard takes back is an incident that begins, is mitigated and ends by itself', async () => {
    const shop = await stage.place('cart', { incidents: '{ respond: {} }' });
    stage.behaves('1.1.0', { failEvery: 2 });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      await until('the users are served', () => (users.seen['1.0.0']?.requests ?? 0) > 30);
      const answer = await stage.cli('release', shop.file, '--version', '1.1.0', '--wait', '--json');
      assert.equal(answer.code, 1, answer.out + answer.err);
      const { release, failedRequests } = JSON.parse(answer.out) as ReleaseSummary;
      await until('the incident is over', async () => (await incidentOf('cart'))?.state === 'resolved');
      const incident = await incidentOf('cart');
      assert(incident);
      assert.deepEqual([incident.severity, incident.person, incident.attribution?.release?.id], ['P1', null, release]);
      assert.match(incident.title, /^cart: rollback P1/);
      const shown = await stage.cli('incidents', 'show', incident.id);
      assert.match(shown.out, /1\.1\.0 is taken back: /);
      assert.match(shown.out, new RegExp(`1\\.1\\.0 has failed ${failedRequests} of `));
      const explained = await stage.cli('incidents', 'explain', incident.alerts[0]?.id ?? '');
      assert.match(explained.out, new RegExp(`no person was needed in ${incident.id}: the machine was at it\\n`));
    } finally {
      await users.stop();
    }
  });
});
