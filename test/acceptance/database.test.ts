import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { PlanView } from '../../src/views/plan-view.ts';
import { Postgres, postgresProgram } from '../programs/postgres.ts';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

const program = await postgresProgram();

class DatabaseStage extends Stage {
  /** Where the database is. Set before the controller is started. */
  postgres: Postgres | null = null;

  override get environment(): NodeJS.ProcessEnv {
    const programs = this.postgres?.programs ?? '';
    return { ...super.environment, PATH: `${programs}:${process.env.PATH}`, SHOP_DB_PASSWORD: this.postgres?.password };
  }
}

const stage = new DatabaseStage();
/** Of the controller that is killed. */
const doomed = new DatabaseStage();
const psql = (...words: readonly string[]): string =>
  JSON.stringify({ command: ['psql', '-X', '-q', '-w', '-v', 'ON_ERROR_STOP=1', ...words] });
const sql = (text: string): string => psql('-c', text);
const steps = '{ canary: { steps: [ { pause: until-resumed }, { weight: 50%, for: 2s } ] } }';

describe('a release with a database', { skip: 'missing' in program ? program.missing : false, concurrency: 5 }, () => {
  let postgres: Postgres;
  before(async () => {
    assert('path' in program);
    postgres = await Postgres.start(program.path);
    stage.postgres = postgres;
    doomed.postgres = postgres;
    await Promise.all([stage.up(), doomed.up()]);
  });
  after(async () => {
    await Promise.all([stage.close(), doomed.close()]);
    await postgres.close();
  });

  /** A database with orders, a service whose releases do this to it, and its first version, which leaves it alone. */
  async function shop(name: string, parts: string, on = stage) {
    await postgres.create(name);
    await postgres.sql(
      name,
      "CREATE TABLE orders (id serial PRIMARY KEY, item text); INSERT INTO orders (item) VALUES ('tea'), ('milk')",
    );
    const connection = `postgres: { port: ${postgres.port}, database: ${name}, user: ${postgres.user}, password: { env: SHOP_DB_PASSWORD } }`;
    const place = (database: string) => on.place(name, { release: { strategy: steps, ...(database ? { database } : {}) } }, port);
    const { port } = await on.place(name);
    await on.install(await place(''), '1.0.0');
    return place(`{ ${connection}, ${parts} }`.replaceAll(/\n\s*/g, ' '));
  }
  const tables = (name: string) =>
    postgres.sql(name, "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'");

  test('a bad candidate is taken back, its migrations after it, and the data of the users is whole', async () => {
    const placed = await shop(
      'down',
      `backup: { pgDump: true },
       migrations: [
         { name: add currency, up: ${sql("ALTER TABLE orders ADD currency text NOT NULL DEFAULT 'EUR'")}, down: ${sql('ALTER TABLE orders DROP COLUMN IF EXISTS currency')} },
         { name: add refunds, up: ${sql('CREATE TABLE refunds (id int REFERENCES orders)')}, down: ${sql('DROP TABLE IF EXISTS refunds')}, status: ${sql('SELECT FROM refunds')} } ]`,
    );
    const plan = await stage.json<PlanView>(0, 'plan', placed.file, '--version', '2.0.0');
    assert.deepEqual(
      plan.steps.slice(0, 4).map(({ text }) => text),
      ['back up the database', 'migrate the database: add currency', 'migrate the database: add refunds', 'pause until resumed'],
    );
    stage.behaves('2.0.0', { failEvery: 2 });
    const users = new Users(placed.port, 100);
    try {
      const id = await stage.begin(placed, '2.0.0');
      await stage.reaches(id, 'the pause', ({ state }) => state === 'progressing');
      assert.equal(await tables('down'), 'orders refunds');
      await postgres.sql('down', "INSERT INTO orders (item) VALUES ('bread')");
      await stage.json(0, 'resume', id);
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'rolled-back', summary.reason);
      assert(summary.candidateRequests > 0);
      assert.equal(await tables('down'), 'orders');
      assert.equal(await postgres.sql('down', 'SELECT * FROM orders ORDER BY id'), '1|tea\n2|milk\n3|bread');
      const { findings } = await stage.release(id);
      assert.deepEqual(
        findings.map(({ what, ok }) => [what, ok]),
        [
          ['backup', true],
          ['migrate add currency', true],
          ['migrate add refunds', true],
          ['migrate down add refunds', true],
          ['migrate down add currency', true],
          ['stable after rollback', true],
        ],
      );
      const file = join(stage.data, 'backups', 'down', `${id}.backup`);
      assert.match(findings[0]?.detail ?? '', /^(.+), \d+\.\d kB, pg_restore can read it$/);
      assert(findings[0]?.detail.startsWith(file));
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const said = (await stage.events(id)).map((line) => line.said ?? '').join('\n');
      const order = [
        'back up',
        'add currency',
        'add refunds',
        'starts 2.0.0',
        'goes back',
        'all traffic is on 1.0.0',
        'down add refunds',
        'down add currency',
        'is rolled back',
      ];
      const places = order.map((words) => said.indexOf(words));
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
        said,
      );
      assert(!places.includes(-1), said);
      assert(!said.includes(postgres.password) && !readFileSync(stage.upLog, 'utf8').includes(postgres.password));
    } finally {
      await users.stop();
    }
  });

  test('an up that fails ends the release before its candidate was started, with the others migrated down', async () => {
    const placed = await shop(
      'fails',
      `migrations: [
         { name: add currency, up: ${sql('ALTER TABLE orders ADD currency text')}, down: ${sql('ALTER TABLE orders DROP COLUMN IF EXISTS currency')} },
         { name: unique items, attempts: 2, up: ${sql("INSERT INTO orders (item) VALUES ('tea'); ALTER TABLE orders ADD CONSTRAINT one UNIQUE (item)")}, down: ${sql('ALTER TABLE orders DROP CONSTRAINT IF EXISTS one')} } ]`,
    );
    const id = await stage.begin(placed, '2.0.0');
    const summary = await stage.end(id);
    assert.equal(summary.outcome, 'rolled-back');
    assert.match(summary.reason, /^migrate unique items failed: exit code 1: .*Key \(item\)=\(tea\) is duplicated/);
    assert.equal(summary.candidateRequests, 0);
    assert.deepEqual(Object.keys(stage.instances('fails')), ['1.0.0']);
    assert(!(await stage.events(id)).some(({ said }) => said?.includes('starts 2.0.0')));
    assert.equal(await postgres.sql('fails', 'SELECT * FROM orders ORDER BY id'), '1|tea\n2|milk');
  });

  test('the backup is restored where the document says so, also over what it does not know', async () => {
    const placed = await shop(
      'restored',
      `backup: { pgDump: true }, onRollback: restore,
       migrations: [
         { name: split orders, up: ${sql('CREATE TABLE lines (orders int REFERENCES orders, item text); INSERT INTO lines SELECT id, item FROM orders; ALTER TABLE orders DROP COLUMN item')} } ]`,
    );
    const id = await stage.begin(placed, '4.0.0');
    await stage.reaches(id, 'the pause', ({ state }) => state === 'progressing');
    assert.equal(await tables('restored'), 'lines orders');
    await stage.json(0, 'abort', id);
    const summary = await stage.end(id);
    assert.equal(summary.outcome, 'rolled-back');
    assert.equal(await tables('restored'), 'orders');
    assert.equal(await postgres.sql('restored', 'SELECT * FROM orders ORDER BY id'), '1|tea\n2|milk');
    // As usable as before: the next row goes on counting, and the same migration can be tried again.
    await postgres.sql('restored', "INSERT INTO orders (item) VALUES ('bread')");
    assert.equal((await stage.release(id)).findings.find(({ what }) => what === 'restore')?.ok, true);
  });

  test('past an irreversible migration all traffic goes back, nothing is migrated down, and people are asked', async () => {
    const placed = await shop(
      'held',
      `migrations: [
         { name: add currency, up: ${sql('ALTER TABLE orders ADD currency text')}, down: ${sql('ALTER TABLE orders DROP COLUMN currency')} },
         { name: drop drafts, up: ${sql("DELETE FROM orders WHERE item = 'milk'")}, irreversible: true } ]`,
    );
    stage.behaves('3.0.0', { failEvery: 2 });
    const users = new Users(placed.port, 100);
    try {
      const id = await stage.begin(placed, '3.0.0');
      await stage.reaches(id, 'the pause', ({ state }) => state === 'progressing');
      await stage.json(0, 'resume', id);
      const held = await stage.reaches(id, 'held', ({ state }) => state === 'held');
      assert.match(held.doing, /^held: drop drafts cannot be undone, so nothing is migrated down: people have to decide/);
      const { route, instances } = await stage.service('held');
      assert.deepEqual(route, { candidate: null, weight: 0, inForce: true });
      assert.deepEqual([...new Set(instances.map(({ version }) => version))], ['1.0.0']);
      assert.match(held.verbs.find(({ verb }) => verb === 'promote')?.refusal ?? '', /it is going back already/);
      await stage.json(0, 'abort', id, '--why', 'the next version will need it');
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'rolled-back');
      assert.match(summary.reason, /Attention: the database was left as it is: it keeps add currency, drop drafts/);
      assert.equal(await postgres.sql('held', 'SELECT * FROM orders'), '1|tea|');
    } finally {
      await users.stop();
    }
  });

  test('a migration whose controller dies is run again by the next one, and asks whether it is applied', async () => {
    // Waits for a file after its change, so that the controller can be ended in between.
    const go = join(doomed.folder, 'go');
    const script = doomed.write(
      'slow.sh',
      `psql -X -q -w -c "ALTER TABLE orders ADD currency text" || exit 4\nwhile [ ! -e ${go} ]; do sleep 0.05; done\n`,
    );
    const placed = await shop(
      'dies',
      `migrations: [ { name: add currency, up: { command: [sh, ${JSON.stringify(script)}] }, status: ${sql('SELECT currency FROM orders LIMIT 0')}, down: ${sql('ALTER TABLE orders DROP COLUMN currency')} } ]`,
      doomed,
    );
    const id = await doomed.begin(placed, '2.0.0');
    const hasColumn = () =>
      postgres.sql('dies', "SELECT count(*) FROM information_schema.columns WHERE column_name = 'currency'");
    await until('it is applied', async () => (await hasColumn()) === '1');
    await doomed.down('SIGKILL');
    await doomed.up();
    const view = await doomed.reaches(id, 'the pause', ({ state }) => state === 'progressing');
    assert.deepEqual(
      view.findings.map(({ what, detail }) => [what, detail]),
      [['migrate add currency', 'it is applied already']],
    );
    doomed.write('go', '');
    await doomed.json(0, 'abort', id);
    await doomed.end(id);
    assert.equal(await hasColumn(), '0', 'it was this release that has applied it');
    assert(existsSync(go));
  });
});
