/**
 * Measures what Rampart promises: `node bench/run.ts [name…] [--quick] [--nice=-10] [--profile=DIR]`. Exit code 1 when a limit is missed or a bench breaks.
 * README.md beside this file says what each of them does.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { type Bench, report } from './parts/figure.ts';

const names = [
  'fault-to-safety',
  'kill-controller',
  'router-throughput',
  'weight-change',
  'engine-turn',
  'live-views',
  'guard-speed',
  'api-reads',
  'console',
  'kubernetes-watch',
  'objectives',
  'incidents',
  'notifications',
  'incident-told',
  'one-outage',
  'load-generator',
  'arena',
] as const;

const autogroup = '/proc/self/autogroup';

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, nice: { type: 'string' }, profile: { type: 'string' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(names as readonly string[]).includes(name));
if (unknown.length > 0) {
  console.error(`there is no bench ${unknown.join(', ')}; there are ${names.join(', ')}`);
  process.exit(2);
}
// Everything that is started from here on inherits it: on a machine with other work, that work then waits and not the measurement.
if (values.nice !== undefined) prefer(Number(values.nice));
const called = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => called.abort(new Error(`ended by ${signal}`)));

let failed = false;
for (const name of positionals.length > 0 ? positionals : names) {
  if (called.signal.aborted) break;
  try {
    const { bench } = (await import(`./${name}.ts`)) as { bench: Bench };
    const say = (text: string): void => void process.stderr.write(`  ${name}: ${text}\n`);
    const options = { quick: values.quick, profile: values.profile ?? null, signal: called.signal, say };
    for (const figure of await bench(options)) if (!report(figure)) failed = true;
  } catch (error) {
    failed = true;
    console.log(`BROKEN   ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    console.log(JSON.stringify({ figure: name, ok: false, broken: error instanceof Error ? error.message : String(error) }));
  }
}
process.exit(failed || called.signal.aborted ? 1 : 0);

/**
 * Where the kernel weighs sessions before it weighs processes, the session's own weight counts. It is that of the shell as well, so it
 * is given back: whatever is started from there afterwards, and the routers that leave its session, would weigh differently for ever.
 */
function prefer(nice: number): void {
  setPriority(nice);
  if (!existsSync(autogroup)) return;
  const before = / nice (-?\d+)/.exec(readFileSync(autogroup, 'utf8'))?.[1] ?? '0';
  writeFileSync(autogroup, String(nice));
  process.on('exit', () => writeFileSync(autogroup, before));
}
