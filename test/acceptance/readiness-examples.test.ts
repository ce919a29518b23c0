import assert from 'node:assert/strict';
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import type { ReportJson } from '../../src/views/readiness/json.ts';
import { opensslProgram } from '../programs/certificates.ts';
import { patienceMs } from '../programs/daemon.ts';
import { postgresProgram } from '../programs/postgres.ts';
import { redisProgram } from '../programs/redis.ts';
import { rampart } from './stage.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
// What a test runner finds in its environment is taken for one of its own.
const { NODE_TEST_CONTEXT: _, ...environment } = process.env;

const programs = await Promise.all([postgresProgram(), redisProgram(), opensslProgram()]);
const skip = programs.flatMap((program) => ('missing' in program ? [program.missing] : []))[0];

const isShallow = execFileSync('git', ['rev-parse', '--is-shallow-repository'], { cwd: examples, encoding: 'utf8' }) === 'true\n';

describe('the newsletter, which is looked after', { skip }, () => {
  const folder = place();
  const saved = join(folder, 'check.json');
  let start: Example;
  let report: ReportJson;

  before(async () => {
    start = await Example.start([join(examples, 'newsletter/start.js'), join(folder, 'run')], /rampart check/);
    const variables = parseEnv(readFileSync(join(folder, 'run/.env'), 'utf8'));
    const words = ['--version', '1.0.0', '--confirmations', join(folder, 'run/confirmations.yaml'), '--save', saved];
    // What a machine can serve beside other tests says nothing of the newsletter: here it is asked for little.
    const load = `{ url: "https://127.0.0.1:${variables.HTTPS_PORT}/", rate: 50/s, for: 1s, insecure: true, expect: { p95: 10s } }`;
    report = await checked([join(folder, 'run/newsletter.yaml'), ...words, '--set', `load=${load}`], variables);
  });
  after(async () => {
    await start?.end();
    assert.deepEqual(processesOf(folder), []);
    rmSync(folder, { recursive: true });
  });

  test('every blocker is proven, but for the audit of packages where no registry answers it', () => {
    const open = missing(report, 'blocker');
    const audit = open.get('code.node-dependencies');
    if (audit) assert.match(audit, /^(unproven: npm audit could not find out|failed: )/);
    open.delete('code.node-dependencies');
    // A clone without its history proves nothing about it.
    const history = open.get('code.secrets-history');
    if (isShallow) assert.match(history ?? '', /^unproven: /);
    if (isShallow) open.delete('code.secrets-history');
    assert.deepEqual([...open], []);
    assert.equal(report.verdict, audit || history ? 'not-ready' : 'ready-with-risks');
    assert.equal(report.phases.length, 10);
  });

  test('its risks are true ones, told with their reasons', () => {
    const reasons: Readonly<Record<string, RegExp>> = {
      'infrastructure.backup-retention': /^fail: none between/,
      'observability.slo-cache': /^unproven: \d+ lookups since its start: too few to say/,
      'performance.cache': /^unproven: \d+ lookups since its start: too few to say/,
      'performance.cdn': /^unproven: nobody has confirmed it/,
      'recovery.drill': /^fail: no date stands behind "Last drill"/,
      'security.ddos': /^unproven: nobody has confirmed it/,
    };
    const risks = missing(report, 'warning');
    assert.deepEqual([...risks.keys()].sort(), Object.keys(reasons).sort());
    for (const [item, reason] of Object.entries(reasons)) assert.match(risks.get(item) ?? '', reason, item);
  });

  test('a backup is really restored, a limit really exceeded, and no secret is told', () => {
    const figures = new Map(report.phases.flatMap(({ items }) => items.map(({ id, result }) => [id, result?.figures])));
    assert.equal(figures.get('infrastructure.backup-restore')?.['rows.subscribers'], 500);
    assert.equal(figures.get('configuration.rate-limit-minute')?.served, 60);
    const text = JSON.stringify(report) + readFileSync(saved, 'utf8');
    const variables = parseEnv(readFileSync(join(folder, 'run/.env'), 'utf8'));
    for (const name of ['SECRET_KEY', 'DATABASE_URL', 'CHECK_DATABASE_URL', 'SCRATCH_DATABASE_URL', 'CHECK_REDIS_URL']) {
      const value = variables[name] ?? '';
      const password = URL.canParse(value) ? new URL(value).password : value;
      assert.ok(password.length > 20 && !text.includes(password), name);
    }
  });

  test('the run that was kept becomes a report for people', async () => {
    const page = join(folder, 'report.html');
    const { code, err } = await cli(['report', '--from', saved, '--format', 'html', '--lang', 'ru', '--out', page], {});
    assert.equal(code, 0, err);
    assert.match(readFileSync(page, 'utf8'), /Готовность к production/);
  });
});

describe('the neglected service', () => {
  const folder = place();
  let start: Example;
  let report: ReportJson;

  before(async () => {
    cpSync(join(examples, 'neglected'), folder, { recursive: true });
    start = await Example.start([join(folder, 'start.js')], /http:\S+/, { PORT: '0' });
    const url = start.said.trim();
    const moved = {
      httpUrl: url,
      baseUrl: url,
      cors: `{ url: "${url}", allowed: [https://greetings.example] }`,
      csrf: `{ url: "${url}greet", body: { name: Anna } }`,
      rateLimit: `{ url: "${url}", requests: 60 }`,
      privacyUrl: `${url}privacy`,
    };
    const words = Object.entries(moved).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    report = await checked([join(folder, 'neglected.yaml'), '--version', '1.0.0', ...words], {});
  });
  after(async () => {
    await start?.end();
    assert.deepEqual(processesOf(folder), []);
    rmSync(folder, { recursive: true });
  });

  test('is not ready, for the reasons that there are', () => {
    assert.equal(report.verdict, 'not-ready');
    const failed = new Map([...missing(report, 'blocker')].filter(([, why]) => why.startsWith('fail: ')));
    assert.deepEqual([...failed.keys()].sort(), Object.keys(failures).sort());
    for (const [item, reason] of Object.entries(failures)) assert.match(failed.get(item) ?? '', reason, item);
    assert.ok(!JSON.stringify(report).includes(secretOf(folder)), 'the secret that was found is told');
  });

  test('what nobody has shown is unproven, never green', () => {
    const proven = report.phases.flatMap(({ items }) => items.filter(({ status }) => status === 'pass').map(({ id }) => id));
    assert.deepEqual(proven, ['code.lint']);
    assert.equal(missing(report, 'blocker').get('recovery.on-call'), 'unproven: nobody has confirmed it');
  });
});

const refused = /the connection is refused/;
const noRunbooks = /there is no docs\/runbooks/;
const noPlan = /there is no docs\/recovery\.md/;
const staleBackup = /it is \d+d.* old; it cannot be restored: its end is missing/;
/** What has to be found wrong with the neglected service. */
const failures: Readonly<Record<string, RegExp>> = {
  'code.tests': /exit code 1/,
  'code.coverage': /62\.5% of the lines/,
  'code.secrets': /config\.js:2 \(random-value\)/,
  'code.secrets-history': /config\.js:2 \(random-value\)/,
  'configuration.database-url': /DATABASE_URL does not match/,
  'configuration.redis-url': /REDIS_URL is not set/,
  'configuration.secret-key': /SECRET_KEY has a placeholder/,
  'configuration.smtp': /SMTP_HOST is not set; SMTP_PORT is not set/,
  'configuration.feature-flags': /\/experimentalEditor is true and not false/,
  'configuration.rate-limit-minute': /no refusal after \d+ requests/,
  'infrastructure.backup-daily': staleBackup,
  'infrastructure.backup-point-in-time': refused,
  'infrastructure.redis-appendonly': refused,
  'infrastructure.redis-appendfsync': refused,
  'infrastructure.tls-certificate': refused,
  'infrastructure.https': /http:\/\/ is answered with 200: no redirect/,
  'observability.metrics': refused,
  'security.cors': /https:\/\/foreign\.example may read the answers/,
  'security.csrf': /a request of a page of https:\/\/foreign\.example is answered with 200/,
  'security.headers': /Content-Security-Policy is missing/,
  'performance.slow-queries': refused,
  'performance.postgres-pool': refused,
  'performance.redis-pool': refused,
  'recovery.backup-database': staleBackup,
  'recovery.rto': noPlan,
  'recovery.rpo': noPlan,
  'recovery.failover': noPlan,
  'recovery.rollback': noPlan,
  'recovery.runbooks': noRunbooks,
  'compliance.privacy-policy': /the status is 404/,
  'compliance.license': /there is no LICENSE/,
  'documentation.runbook-troubleshooting': noRunbooks,
  'documentation.runbook-deployment': noRunbooks,
  'documentation.runbook-rollback': noRunbooks,
  'documentation.runbook-scaling': noRunbooks,
  'documentation.changelog': /1\.0\.0 is not named; the newest is 0\.9\.0/,
};

/** A folder of its own that programs running as nobody can reach. */
function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-example-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Items that are not there, with status and reason. */
function missing(report: ReportJson, severity: 'blocker' | 'warning'): Map<string, string> {
  const items = report.phases.flatMap((phase) => phase.items);
  const open = items.filter((item) => item.severity === severity && !['pass', 'skipped', 'exempt'].includes(item.status));
  return new Map(open.map(({ id, status, why }) => [id, `${status}: ${why}`]));
}

/** The secret that lies in the code. */
function secretOf(folder: string): string {
  const secret = /password: '([^']+)'/.exec(readFileSync(join(folder, 'config.js'), 'utf8'))?.[1];
  assert(secret);
  return secret;
}

async function checked(words: readonly string[], variables: NodeJS.Dict<string>): Promise<ReportJson> {
  const { code, out, err } = await cli(['check', ...words, '--json'], variables);
  assert.ok(code === 0 || code === 1, err);
  const report: ReportJson = JSON.parse(out);
  assert.equal(code, report.verdict === 'not-ready' ? 1 : 0);
  return report;
}

function cli(words: readonly string[], variables: NodeJS.Dict<string>) {
  const settings = { env: { ...environment, ...variables }, timeout: 3 * patienceMs, maxBuffer: 16 * 1_048_576 };
  return new Promise<{ code: number | null; out: string; err: string }>((done) => {
    const child = execFile(process.execPath, [rampart, ...words], settings, (_error, out, err) =>
      done({ code: child.exitCode, out, err }),
    );
  });
}

/** Processes whose command line names a folder. */
function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const words = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
      return words.includes(folder) ? [words.replaceAll('\0', ' ')] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

/** A script of an example that runs until it is told to end. */
class Example {
  readonly #child: ChildProcess;
  #said = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    process.once('exit', () => child.kill('SIGTERM'));
  }

  /** Resolves when it has said what is expected. */
  static async start(words: readonly string[], expected: RegExp, variables: NodeJS.Dict<string> = {}): Promise<Example> {
    const child = spawn(process.execPath, words, { env: { ...environment, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
    const example = new Example(child);
    const timeout = setTimeout(() => child.kill('SIGTERM'), 2 * patienceMs);
    await new Promise<void>((ready, fail) => {
      const hear = (text: Buffer): void => {
        example.#said += text;
        if (expected.test(example.#said)) ready();
      };
      child.stdout?.on('data', hear);
      child.stderr?.on('data', hear);
      child.once('exit', (code, signal) => fail(new Error(`${words[0]}: ${code ?? signal}: ${example.#said}`)));
    });
    clearTimeout(timeout);
    return example;
  }

  get said(): string {
    return this.#said;
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    if (this.#child.exitCode === null && this.#child.kill('SIGTERM')) await ended;
  }
}
