import cluster from 'node:cluster';
import type { AddressInfo } from 'node:net';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { readJson } from '../../system/read-json.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { serveControl, serveMetrics } from './control-server.ts';
import { type Crew, crewOfOne } from './crew.ts';
import { crewOfWorkers, runWorker } from './crew-cluster.ts';
import { filesIn, makeFolders } from './files.ts';
import { takeLock } from './lock.ts';
import { bootId, type ProcessIdentity, processStart } from './machine.ts';
import { metricsText } from './prometheus.ts';
import { RouteKeeper, type StoredState } from './route-keeper.ts';
import type { RouterHealth, RouterSettings, StartOutcome } from './settings.ts';

// Its log lies on a disk that may be full, and a stream that nobody listens to ends the process with its first failed write.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

if (cluster.isPrimary) await runRouter(process.argv[2] ?? '');
else runWorker();

/** Runs the router of one folder until it is told to end. */
async function runRouter(folder: string): Promise<void> {
  const files = filesIn(folder);
  const lock = takeLock(files.lock);
  if (lock === null) return report({ kind: 'taken' });
  try {
    const settings = (await readJson(files.settings)) as RouterSettings | undefined;
    // Somebody has cleared the folder up after they were written: whoever wants a router here writes them again.
    if (!settings) {
      lock.close();
      return report({ kind: 'taken' });
    }
    await makeFolders(files);
    const { config } = settings;
    const identity: ProcessIdentity = { pid: process.pid, started: processStart(process.pid) ?? '' };
    await replaceFile(files.identity, JSON.stringify(identity), { durable: false, mode: 0o600 });
    const stored = (await readJson(files.state)) as StoredState | undefined;
    const crew = config.workers > 1 ? crewOfWorkers(settings, config.workers) : crewOfOne(settings);
    const keeper = new RouteKeeper(crew, { ...settings, file: files.state, boot: bootId(), stored });
    const address = await startCrew(crew, keeper, config.listen, stored?.port ?? 0);
    await keeper.started(address.port);

    const metrics = async () => {
      const reports = await keeper.collect();
      const reading = await keeper.readRoute();
      const { totals } = keeper.ledger;
      return metricsText({ ...settings, reading, totals, reports, refused: keeper.refused, workers: crew.strength() });
    };
    const scrape = config.metrics && (await startMetrics(config.metrics, metrics));
    let current = settings;
    const health = (): RouterHealth => ({
      ...identity,
      settings: current,
      listen: { host: config.listen.host, port: address.port },
      metrics: scrape ? { host: config.metrics?.host ?? '', port: (scrape.address() as AddressInfo).port } : null,
    });
    let ending = false;
    const end = async () => {
      if (ending) return;
      ending = true;
      await crew.drain(config.timeouts.drain);
      await keeper.stop();
      control.close();
      lock.close();
      process.exit(0);
    };
    const control = await serveControl(files.socket, {
      health,
      setRoute: (body, sentAtMs) => keeper.setRoute(body, sentAtMs),
      readRoute: () => keeper.readRoute(),
      renewLease: (token, sentAtMs) => keeper.renewLease(token, sentAtMs),
      samples: (query) => keeper.samples(query),
      traffic: () => keeper.traffic(),
      async setLimits({ edgesMs, leaseMs }) {
        await keeper.setLimits(edgesMs, leaseMs);
        current = { ...current, edgesMs, leaseMs };
      },
      metrics,
      shutdown: () => void end(),
    });
    // Counts leave the workers each second, so that one that dies takes no more than that with it.
    setInterval(() => void keeper.collect().catch((error: unknown) => console.error(messageOf(error))), 1_000);
    process.on('SIGTERM', () => void end());
    // Whoever has started it is gone by now, and it has nothing to serve: nobody would ever end it.
    if (!process.connected && (await keeper.readRoute()) === null) return await end();
    report({ kind: 'ready' });
  } catch (error) {
    const failure =
      error instanceof UserError
        ? error
        : new UserError('E_ROUTER_FAILED', `the router did not start: ${messageOf(error)}`, {
            where: folder,
            fix: 'See router.log there.',
          });
    console.error(error);
    report({ kind: 'failed', code: failure.code, what: failure.message, where: failure.where, fix: failure.fix });
    setTimeout(() => process.exit(1), 100);
  }
}

/** Tells whoever started us, once, and lets go of the channel so that neither keeps the other alive. */
function report(outcome: StartOutcome): void {
  if (!process.connected) return;
  process.send?.(outcome, () => {
    if (process.connected) process.disconnect?.();
  });
}

/** Starts to serve where users connect. A port that was given by port 0 is asked for again, and another taken if it is gone. */
async function startCrew(
  crew: Crew,
  keeper: RouteKeeper,
  listen: { host: string; port: number },
  keptPort: number,
): Promise<AddressInfo> {
  try {
    return await crew.start(listen.host, listen.port || keptPort, keeper.order);
  } catch (error) {
    if (listen.port === 0 && keptPort !== 0 && systemCode(error) === 'EADDRINUSE')
      return await crew.start(listen.host, 0, keeper.order);
    throw unlistenable(error, `${listen.host}:${listen.port}`, 'router.builtin.listen');
  }
}

async function startMetrics(listen: { host: string; port: number }, metrics: () => Promise<string>) {
  try {
    return await serveMetrics(listen.host, listen.port, metrics);
  } catch (error) {
    throw unlistenable(error, `${listen.host}:${listen.port}`, 'router.builtin.metrics');
  }
}

function unlistenable(error: unknown, address: string, key: string): unknown {
  const code = systemCode(error);
  if (code === 'EADDRINUSE')
    return new UserError('E_PORT_TAKEN', `another program already listens on ${address}`, {
      where: key,
      fix: `End that program (ss -ltnp shows it), or give ${key} another port.`,
      cause: error,
    });
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new UserError('E_LISTEN_REFUSED', `${address} cannot be listened on: ${messageOf(error)}`, {
      where: key,
      fix: 'Use an address of this machine and a port from 1024 on.',
      cause: error,
    });
  return error;
}
