/** What a version of the small service does wrong; nothing by default. */
export type Behaviour = {
  /** Every n-th request is answered 500. */
  readonly failEvery?: number;
  /** Ends before it listens. */
  readonly crashesAtOnce?: boolean;
  /** Ends after it has served so many requests. */
  readonly crashesAfter?: number;
  /** Answers 503 when asked whether it is ready. */
  readonly neverReady?: boolean;
  /** Every n-th payment is declined, and answered 200 all the same. */
  readonly declineEvery?: number;
  /** Every request is answered 500 while this is true; may be changed while it runs where it is there from the start. */
  readonly failing?: boolean;
  /** Instances that were started before this moment (unix ms) answer every request 500; may be changed while they run. */
  readonly sickBefore?: number;
  /** Answers this to `/smoke`; may be changed while it runs. */
  readonly smoke?: number;
};

/** Parts of a document that a test wants otherwise. */
export type DocumentOptions = {
  /** Lines under `release:`, each with what is under it indented as in a file; `null` leaves a default out. */
  readonly release?: Readonly<Record<string, string | null>>;
  /** Lines under `target.process`. */
  readonly process?: Readonly<Record<string, string>>;
  /** What `router` says; the built-in one at the given port by default. */
  readonly router?: string;
  /** What `source` says; none by default. */
  readonly source?: string;
  /** What `objectives` says; none by default. */
  readonly objectives?: string;
  /** What `signals` says; nothing by default. */
  readonly signals?: string;
  /** What `readiness` says; nothing by default. */
  readonly readiness?: string;
  /** What `incidents` says; nothing by default. */
  readonly incidents?: string;
};

/** Short times, wide margins: a test is about what a release does, not about how much evidence is enough. */
const release = {
  strategy: '{ canary: { steps: [ { weight: 20%, for: 1s }, { weight: 50%, for: 1s } ] } }',
  guard: '{ errors: { worseBy: 10%, max: 12% }, latency: { p95: { worseBy: off, max: 5s } }, minRequests: 5 }',
  bake: '1s',
  deadlines: '{ ready: 10s, route: 15s, drain: 3s, hook: 5s }',
  lease: '5s',
} as const;

/** A document for the small service. */
export function documentOf(name: string, port: number, options: DocumentOptions = {}): string {
  const lines = (parts: Readonly<Record<string, string | null>>, indent: string): string =>
    Object.entries(parts)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => `${indent}${key}: ${value}\n`)
      .join('');
  return `apiVersion: rampart/v1
kind: Service
metadata: { name: ${name}, owner: tests }
spec:
  target:
    process:
${lines(
  {
    command: `[${JSON.stringify(process.execPath)}, server.mjs]`,
    health: '{ path: /health, interval: 200ms }',
    stop: '{ deadline: 3s }',
    restart: '{ backoff: 100ms, max: 200ms }',
    ...options.process,
  },
  '      ',
)}  router:
    ${options.router ?? `builtin: { listen: 127.0.0.1:${port} }`}
${options.source === undefined ? '' : `  source: ${options.source}\n`}${options.objectives === undefined ? '' : `  objectives: ${options.objectives}\n`}${options.signals === undefined ? '' : `  signals: ${options.signals}\n`}${options.readiness === undefined ? '' : `  readiness: ${options.readiness}\n`}${options.incidents === undefined ? '' : `  incidents: ${options.incidents}\n`}  release:
${lines({ ...release, ...options.release }, '    ')}`;
}

/** The small service: says which version answers, and misbehaves as the file of its version says. */
export const serverSource = `
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const version = process.env.RAMPART_VERSION;
function written() {
  try {
    return JSON.parse(readFileSync(new URL('behaviour/' + version + '.json', import.meta.url), 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return {};
  }
}
const behaviour = written();
if (behaviour.crashesAtOnce) {
  console.error('Error: no such table: prices');
  process.exit(1);
}
const startedMs = Date.now();
let served = 0;
const payments = { ok: 0, declined: 0 };
const server = createServer((request, response) => {
  const answer = (status) => {
    response.writeHead(status, { 'content-type': 'text/plain', 'x-version': version });
    response.end(version);
  };
  if (request.url === '/health') return answer(behaviour.neverReady ? 503 : 200);
  if (request.url === '/metrics')
    return response.end(
      '# TYPE payments_total counter\\n' +
        Object.entries(payments).map(([result, count]) => 'payments_total{result="' + result + '"} ' + count + '\\n').join(''),
    );
  if (request.url === '/smoke') return answer(written().smoke ?? 200);
  served += 1;
  if (behaviour.crashesAfter && served > behaviour.crashesAfter) {
    console.error('Error: out of memory');
    process.exit(3);
  }
  payments[behaviour.declineEvery && served % behaviour.declineEvery === 0 ? 'declined' : 'ok'] += 1;
  if (startedMs < (written().sickBefore ?? 0)) return answer(500);
  if (behaviour.failing !== undefined && written().failing) return answer(500);
  answer(behaviour.failEvery && served % behaviour.failEvery === 0 ? 500 : 200);
});
// Where a Prometheus looks for its targets, if there is one: each instance says that it is there.
const targets = new URL('targets/', import.meta.url);
const target = new URL(process.pid + '.json', targets);
server.listen(Number(process.env.PORT), process.env.HOST, () => {
  if (!existsSync(targets)) return;
  const hidden = new URL('.' + process.pid, targets);
  const labels = { version, service: process.env.RAMPART_SERVICE };
  writeFileSync(hidden, JSON.stringify([{ targets: ['127.0.0.1:' + process.env.PORT], labels }]), { mode: 0o644 });
  renameSync(hidden, target);
});
process.on('SIGTERM', () => {
  rmSync(target, { force: true });
  server.close(() => process.exit(0));
});
`;
