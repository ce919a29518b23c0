import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import type { AlertOutbox } from '../../runtime/alerts/alert-outbox.ts';
import type { AlertSources } from '../../runtime/alerts/alert-sources.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import { redactedText } from '../../views/redacted.ts';
import type { OidcProvider } from '../access/oidc/provider.ts';

/** Something that the controller needs, and how it was when it was asked just now. */
export type Reach = {
  /** `log`, `disk`, `sign-in`, `alertmanager ADDRESS`, `alerts from NAME`, or `router of checkout`, `target of checkout`, `source of checkout`. */
  readonly what: string;
  readonly service: string | null;
  readonly ok: boolean;
  /** One line: what answered, or why it did not. */
  readonly detail: string;
  /** How long the answer took, in milliseconds. */
  readonly ms: number;
};

/** Longest wait for one answer, and how many are asked at once. */
const waitMs = 3_000;
const atOnce = 20;
/** Longest wait for all of them together: what has not been asked by then is said to be so. */
const allMs = 10_000;
/** Services that are asked; more would keep whoever looks waiting. */
const servicesMax = 500;
/** Less free space than this is said. */
const freeBytesMin = 512 * 1_048_576;

type World = {
  readonly controller: Controller;
  readonly log: PublishingLog;
  readonly folder: string;
  readonly oidc: OidcProvider | null;
  readonly alertOutbox: AlertOutbox;
  readonly alertSources: AlertSources;
};

type Ask = {
  readonly what: string;
  readonly service: string | null;
  /** Answers with one line, or rejects with the reason. */
  readonly ask: (signal: AbortSignal) => Promise<string>;
};

/** Asks everything that this controller stands on, many at once, each and all of them for a bounded time. */
export async function reachable(world: World): Promise<readonly Reach[]> {
  const asks = [...ownAsks(world), ...serviceAsks(world)];
  const began = performance.now();
  const found: Reach[] = [];
  // Each takes the next as soon as it has its answer, so that one that is silent keeps no others waiting.
  const left = asks.entries();
  const work = async (): Promise<void> => {
    for (const [at, ask] of left) {
      const ms = Math.min(waitMs, allMs - (performance.now() - began));
      found[at] =
        ms > 0
          ? await asked(ask, ms)
          : { what: ask.what, service: ask.service, ok: false, detail: 'was not asked: the others took too long', ms: 0 };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}

function ownAsks({ controller, log, folder, oidc, alertOutbox, alertSources }: World): readonly Ask[] {
  const asks: Ask[] = [
    {
      what: 'log',
      service: null,
      ask: async () => {
        await log.append(controller.health.token, []);
        return `can be written; has ${await sizeOf(join(folder, 'log.db'))}`;
      },
    },
    { what: 'disk', service: null, ask: () => freeSpace(folder) },
  ];
  if (oidc)
    asks.push({
      what: 'sign-in',
      service: null,
      ask: async () => {
        const { ok, detail } = await oidc.reach();
        if (!ok) throw new Error(detail);
        return detail;
      },
    });
  for (const { url, ok, lastProblem, waiting } of alertOutbox.status)
    asks.push({
      what: `alertmanager ${url}`,
      service: null,
      ask: async () => {
        if (!ok) throw new Error(`${lastProblem?.text ?? 'has not answered'}; ${waiting} alerts wait for it`);
        return waiting === 0 ? 'has taken all alerts' : `${waiting} alerts are on their way`;
      },
    });
  for (const { name, ok, lastAtMs, lastProblem, open } of alertSources.status)
    asks.push({
      what: `alerts from ${name}`,
      service: null,
      ask: async () => {
        const missing = await alertSources.missing(name);
        if (missing !== null) throw new Error(missing);
        const last = lastAtMs === null ? 'no message has come yet' : `last message ${new Date(lastAtMs).toISOString()}`;
        if (!ok && lastProblem)
          throw new Error(`${last}; refused ${new Date(lastProblem.atMs).toISOString()}: ${lastProblem.text}`);
        return `${last}; ${open === 1 ? '1 alert is' : `${open} alerts are`} open`;
      },
    });
  return asks;
}

function serviceAsks({ controller }: World): readonly Ask[] {
  return controller.services.slice(0, servicesMax).flatMap(({ name }) => {
    const ports = controller.agent(name)?.ports;
    if (!ports) return [];
    const { router, target, source } = ports;
    const asks: Ask[] = [
      {
        what: `router of ${name}`,
        service: name,
        ask: async (signal) => {
          const reading = await router.readRoute(signal);
          if (reading === null) return 'answers; no route yet';
          const { candidate, weight } = reading.route;
          return candidate === null ? 'answers; all traffic on stable' : `answers; ${weight} % on ${candidate.version}`;
        },
      },
      {
        what: `target of ${name}`,
        service: name,
        ask: async (signal) => {
          const instances = await target.list(name, signal);
          return `answers; ${instances.filter(({ state }) => state === 'ready').length} of ${instances.length} instances ready`;
        },
      },
    ];
    if (source)
      asks.push({
        what: `source of ${name}`,
        service: name,
        ask: async (signal) => {
          const version = controller.service(name)?.stable?.version;
          if (version === undefined) return 'is asked once a version is stable';
          const [problem] = await source.check(version, signal);
          if (problem !== undefined) throw new Error(problem);
          return 'its queries are answered';
        },
      });
    return asks;
  });
}

async function asked({ what, service, ask }: Ask, ms: number): Promise<Reach> {
  const began = performance.now();
  const signal = AbortSignal.timeout(Math.ceil(ms));
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${(ms / 1_000).toFixed(1)} s`)), { once: true });
  });
  const done = (ok: boolean, detail: string): Reach => ({ what, service, ok, detail, ms: Math.round(performance.now() - began) });
  try {
    return done(true, await Promise.race([ask(signal), late]));
  } catch (error) {
    return done(false, redactedText(messageOf(error)));
  }
}

/** How large the log is, with what is beside it and not yet in it. */
async function sizeOf(file: string): Promise<string> {
  const sizes = await Promise.all([file, `${file}-wal`].map(async (part) => (await stat(part).catch(() => null))?.size ?? 0));
  return `${(sizes.reduce((sum, size) => sum + size, 0) / 1_048_576).toFixed(1)} MiB`;
}

async function freeSpace(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / 1_073_741_824).toFixed(1)} GiB free`;
  if (free < freeBytesMin) throw new Error(`only ${text}: make room before the log cannot be written`);
  return text;
}
