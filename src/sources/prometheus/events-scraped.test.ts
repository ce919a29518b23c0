import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { Prometheus, prometheusProgram } from '../../../test/programs/prometheus.ts';
import type { EventReader, EventSlot } from '../source.ts';
import { openEvents } from './events.ts';
import { PrometheusConfig } from './schema.ts';

const programs = [await prometheusProgram(), await opensslProgram()] as const;
const [missing] = programs.flatMap((program) => ('missing' in program ? [program.missing] : []));
const skip = missing === undefined ? {} : { skip: missing };

const never = new AbortController().signal;
/** Longest that anything here is waited for: a scrape comes twice a second, the first one after 5 s. */
const patienceMs = 60_000;

/** A program with metrics that counts what it serves. */
class Target {
  readonly #counts = { ok: 0, failed: 0, fast: 0 };
  readonly server = createServer((_, response) => {
    const { ok, failed, fast } = this.#counts;
    const all = ok + failed;
    const lines = [
      '# TYPE jobs_total counter',
      ...(ok > 0 ? [`jobs_total{result="ok"} ${ok}`] : []),
      ...(failed > 0 ? [`jobs_total{result="failed"} ${failed}`] : []),
      '# TYPE job_seconds histogram',
      `job_seconds_bucket{le="0.5"} ${fast}`,
      `job_seconds_bucket{le="+Inf"} ${all}`,
      `job_seconds_count ${all}`,
      `job_seconds_sum ${all}`,
    ];
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`${lines.join('\n')}\n`);
  });

  serve(ok: number, failed = 0, fast = 0): void {
    this.#counts.ok += ok;
    this.#counts.failed += failed;
    this.#counts.fast += fast;
    served.total += ok + failed;
    served.bad += failed;
    served.fast += fast;
  }

  /** As a process that was started again. */
  restart(): void {
    Object.assign(this.#counts, { ok: 0, failed: 0, fast: 0 });
  }
}

/** All that was ever served, by any of them. */
const served = { total: 0, bad: 0, fast: 0 };
const targets = [new Target(), new Target()] as const;
let prometheus: Prometheus;
let authority: Authority;

before(async () => {
  const [metrics, openssl] = programs;
  if (!('path' in metrics && 'path' in openssl)) return;
  authority = await Authority.found(openssl.path);
  await Promise.all([authority.sign('server', 'prometheus.test'), authority.sign('client', 'rampart.test')]);
  await Promise.all(targets.map(({ server }) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  const addresses = targets.map(({ server }) => `'127.0.0.1:${(server.address() as AddressInfo).port}'`).join(', ');
  prometheus = await Prometheus.start(
    metrics.path,
    `scrape_configs:\n  - { job_name: jobs, scrape_interval: 500ms, static_configs: [{ targets: [${addresses}] }] }\n`,
    {
      files: {
        ...Object.fromEntries(['ca.pem', 'server.pem', 'server.key'].map((name) => [name, authority.text(name)])),
        // The password is `test`, by bcrypt.
        'web.yml': `tls_server_config: { cert_file: server.pem, key_file: server.key, client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert }
basic_auth_users: { rampart: $2b$04$abcdefghijklmnopqrstuuoD8yw7MmybLKVooaTGGZAt3HXugv2.a }
`,
      },
      request: {
        ca: authority.text('ca.pem'),
        cert: authority.text('client.pem'),
        key: authority.text('client.key'),
        servername: 'prometheus.test',
        auth: 'rampart:test',
      },
    },
  );
});
after(async () => {
  for (const { server } of targets) {
    server.closeAllConnections();
    server.close();
  }
  await prometheus?.close();
  authority?.close();
});

function reader(more: { tls?: Readonly<Record<string, unknown>>; password?: string } = {}): EventReader {
  const tls = {
    ca: authority.file('ca.pem'),
    cert: authority.file('client.pem'),
    key: authority.file('client.key'),
    serverName: 'prometheus.test',
    ...more.tls,
  };
  const config = {
    url: prometheus.url,
    interval: '1s',
    delay: '0s',
    basic: { user: 'rampart', password: { env: 'PASSWORD' } },
    tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
  };
  const total = 'jobs_total{job="jobs"}';
  return openEvents(PrometheusConfig.parse(config), {
    of: 'jobs',
    objectives: [
      {
        name: 'done',
        belowMs: null,
        events: { kind: 'ratio', count: 'bad', query: 'jobs_total{job="jobs",result="failed"}', total },
      },
      {
        name: 'good',
        belowMs: null,
        events: { kind: 'ratio', count: 'good', query: 'jobs_total{job="jobs",result="ok"}', total },
      },
      { name: 'fast', belowMs: 500, events: { kind: 'classic', query: 'job_seconds{job="jobs"}', unitMs: 1_000 } },
    ],
    environment: { PASSWORD: more.password ?? 'test' },
    now: () => Date.now(),
  });
}

const refusals: readonly [name: string, more: () => Parameters<typeof reader>[0], message: RegExp][] = [
  ['an authority that nobody knows', () => ({ tls: { ca: undefined } }), /its certificate is not trusted/],
  [
    'a name that is not in the certificate',
    () => ({ tls: { serverName: undefined } }),
    /not trusted.*ERR_TLS_CERT_ALTNAME_INVALID/,
  ],
  ['no certificate of ours', () => ({ tls: { cert: undefined, key: undefined } }), /ends the TLS handshake/],
  ['a wrong password', () => ({ password: 'guess' }), /does not let this controller in \(401\)/],
  ['a file that is not there', () => ({ tls: { ca: '/no/such/ca.pem' } }), /^\/no\/such\/ca\.pem cannot be read$/],
  [
    'a file with something else',
    () => ({ tls: { cert: import.meta.filename } }),
    /files of spec\.source\.prometheus\.tls cannot be used/,
  ],
];
for (const [name, more, message] of refusals)
  test(`not let in: ${name}`, skip, async () => {
    const nowS = Math.floor(Date.now() / 1_000);
    await assert.rejects(reader(more()).read(nowS - 5, nowS, never), (error: Error & { fix?: string }) => {
      assert.match(error.message, message);
      assert.doesNotMatch(`${error.message} ${error.fix}`, /guess/);
      return true;
    });
  });

test('who believes whoever answers is told so', skip, async () => {
  const nowS = Math.floor(Date.now() / 1_000);
  const { notes } = await reader({ tls: { ca: undefined, insecure: true } }).read(nowS - 5, nowS, never);
  assert.match(notes.join(), /^whoever answers at https:\/\/127\.0\.0\.1:\d+ is believed: .*insecure$/);
});

test('the authorities of a whole system are read', skip, async () => {
  const nowS = Math.floor(Date.now() / 1_000);
  const ca = authority.file('many.pem');
  writeFileSync(ca, `${'# one more authority\n'.repeat(10_000)}${authority.text('ca.pem')}`);
  await reader({ tls: { ca } }).read(nowS - 5, nowS, never);
});

test('over its scrapes, a restart of a target and one of Prometheus every event counts once', skip, async () => {
  const events = reader();
  const slots = new Map<string, EventSlot[]>();
  let atS = Math.floor(Date.now() / 1_000) - 2;
  let problems: readonly (string | null)[] = [];
  /** Reads on until it is so. */
  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    for (const deadlineMs = performance.now() + patienceMs; !isSo(); await wait(50)) {
      assert(performance.now() < deadlineMs, `not in time: ${what}; ${JSON.stringify([problems, [...slots]])}`);
      const read = await events.read(atS, Math.floor(Date.now() / 1_000), never);
      atS = read.toSecond;
      problems = read.readings.map(({ problem }) => problem);
      assert.deepEqual(read.notes, []);
      for (const { objective, slots: news } of read.readings) slots.set(objective, [...(slots.get(objective) ?? []), ...news]);
    }
  };
  const sum = (objective: string, of: (slot: EventSlot) => number): number =>
    (slots.get(objective) ?? []).reduce((total, slot) => total + of(slot), 0);
  const isCounted = (): boolean =>
    ['done', 'good', 'fast'].every((objective) => sum(objective, ({ total }) => total) === served.total) &&
    ['done', 'good'].every((objective) => sum(objective, ({ bad }) => bad) === served.bad) &&
    sum('fast', ({ total, bad }) => total - bad) === served.fast;

  await until('a first slot', () => slots.get('done')?.some(() => true) ?? false);
  targets[0].serve(7);
  await until('the first jobs of all', isCounted);
  targets[0].serve(100, 0, 90);
  targets[1].serve(20, 3, 11);
  await until('jobs of both', isCounted);
  targets[1].restart();
  targets[1].serve(5, 1, 2);
  await until('jobs after a restart', isCounted);
  await prometheus.down();
  targets[0].serve(40, 4, 30);
  targets[1].restart();
  targets[1].serve(2);
  const failed = await events.read(atS, Math.floor(Date.now() / 1_000), never).catch((error: unknown) => error);
  assert.equal((failed as { code?: string }).code, 'E_SOURCE_UNREACHABLE');
  await prometheus.up();
  await until('jobs while Prometheus was away', isCounted);
  const [longest] = (slots.get('done') ?? []).toSorted((a, b) => b.seconds - a.seconds);
  assert(longest && longest.seconds > 2, 'the hole is one slot');
  for (const [objective, all] of slots)
    for (const [index, { second, seconds }] of all.slice(1).entries())
      assert.equal(second - seconds, all[index]?.second, `${objective} has neither gaps nor overlaps`);
  assert.deepEqual(problems, [null, null, null]);
});
