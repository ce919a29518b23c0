import { statfs } from 'node:fs/promises';
import { messageOf } from '../../errors.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import type { OidcProvider } from '../access/oidc/provider.ts';

/** Something that the controller needs, and how it was when it was asked just now. */
export type Reach = {
  /** `log`, `disk`, `sign-in`, or `router of checkout`. */
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
/** Services that are asked; more would keep whoever looks waiting. */
const servicesMax = 500;
/** Less free space than this is said. */
const freeBytesMin = 512 * 1_048_576;

/** Asks everything that this controller stands on, all at once, each for a bounded time. */
export async function reachable(options: {
  readonly controller: Controller;
  readonly log: PublishingLog;
  readonly folder: string;
  readonly oidc: OidcProvider | null;
}): Promise<readonly Reach[]> {
  const { controller, log, folder, oidc } = options;
  const asks: (() => Promise<Reach>)[] = [
    () =>
      asked('log', null, async () => {
        await log.append(controller.health.token, []);
        return 'can be written';
      }),
    () => asked('disk', null, () => freeSpace(folder)),
  ];
  if (oidc)
    asks.push(() =>
      asked('sign-in', null, async () => {
        const { ok, detail } = await oidc.reach();
        if (!ok) throw new Error(detail);
        return detail;
      }),
    );
  for (const { name } of controller.services.slice(0, servicesMax)) {
    const ports = controller.agent(name)?.ports;
    if (!ports) continue;
    asks.push(() =>
      asked(`router of ${name}`, name, async (signal) => {
        const reading = await ports.router.readRoute(signal);
        if (reading === null) return 'answers; no route yet';
        const { candidate, weight } = reading.route;
        return candidate === null ? 'answers; all traffic on stable' : `answers; ${weight} % on ${candidate.version}`;
      }),
    );
    asks.push(() =>
      asked(`target of ${name}`, name, async (signal) => {
        const instances = await ports.target.list(name, signal);
        return `answers; ${instances.filter(({ state }) => state === 'ready').length} of ${instances.length} instances ready`;
      }),
    );
  }
  const found: Reach[] = [];
  for (let begun = 0; begun < asks.length; begun += atOnce)
    found.push(...(await Promise.all(asks.slice(begun, begun + atOnce).map((ask) => ask()))));
  return found;
}

async function asked(what: string, service: string | null, ask: (signal: AbortSignal) => Promise<string>): Promise<Reach> {
  const began = performance.now();
  const signal = AbortSignal.timeout(waitMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${waitMs / 1_000} s`)), { once: true });
  });
  const done = (ok: boolean, detail: string): Reach => ({ what, service, ok, detail, ms: Math.round(performance.now() - began) });
  try {
    return done(true, await Promise.race([ask(signal), late]));
  } catch (error) {
    return done(false, messageOf(error));
  }
}

async function freeSpace(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / 1_073_741_824).toFixed(1)} GiB free`;
  if (free < freeBytesMin) throw new Error(`only ${text}: make room before the log cannot be written`);
  return text;
}
