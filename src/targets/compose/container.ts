import { z } from 'zod';
import type { Endpoint } from '../../routers/router.ts';
import { type End, endText } from '../end-text.ts';

/** What Rampart writes onto its containers and networks, so that it finds its own again and touches no others. */
export const label = {
  owner: 'io.rampart.owner',
  service: 'io.rampart.service',
  version: 'io.rampart.version',
  /** `Watch` as JSON: a new controller has to know how to ask before it knows the document. */
  watch: 'io.rampart.watch',
} as const;

/** How a container is asked whether it is ready. `path` is null where its own healthcheck says so. */
export const Watch = z.object({
  port: z.int().min(1).max(65_535),
  path: z.string().nullable(),
  intervalMs: z.number(),
  timeoutMs: z.number(),
  unhealthyAfter: z.number(),
});
export type Watch = z.output<typeof Watch>;

/** A container of ours as the engine knows it. */
export type Container = {
  readonly id: string;
  readonly version: string;
  /** Counted from 1 by compose, over all containers of its project. */
  readonly number: number;
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** What its healthcheck says; null where it has none. */
  readonly health: { readonly status: 'starting' | 'healthy' | 'unhealthy'; readonly said: string | null } | null;
  readonly watch: Watch;
  /** Where its port is published on this machine; null while it does not run. */
  readonly endpoint: Endpoint | null;
  /** How often the engine has started it again. */
  readonly restarts: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly isOutOfMemory: boolean;
  /** Why the engine could not start it; empty where it could. */
  readonly refusal: string;
  /** Seconds that it has to end. */
  readonly graceS: number;
};

const inspected = z.object({
  Id: z.string(),
  RestartCount: z.int().default(0),
  State: z.object({
    Status: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
    ExitCode: z.int(),
    OOMKilled: z.boolean().default(false),
    Error: z.string().default(''),
    StartedAt: z.string(),
    FinishedAt: z.string(),
    Health: z.object({ Status: z.string(), Log: z.array(z.object({ Output: z.string().default('') })).nullish() }).nullish(),
  }),
  Config: z.object({ Labels: z.record(z.string(), z.string()), StopTimeout: z.int().nullish() }),
  NetworkSettings: z.object({
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()).nullish(),
  }),
});

/** Compose's own grace, which it does not write onto the container. */
const graceDefaultS = 10;

/** Reads the answer of `docker inspect`. What has not all of our labels is left out: it is not ours. */
export function containersIn(json: string): readonly Container[] {
  return z
    .array(z.unknown())
    .parse(JSON.parse(json))
    .flatMap((one) => containerOf(inspected.parse(one)) ?? []);
}

function containerOf({ Id, RestartCount, State, Config, NetworkSettings }: z.output<typeof inspected>): Container | null {
  const version = Config.Labels[label.version];
  const number = Number(Config.Labels['com.docker.compose.container-number']);
  const watch = Watch.safeParse(jsonOf(Config.Labels[label.watch]));
  if (version === undefined || !Number.isInteger(number) || !watch.success) return null;
  const bound = NetworkSettings.Ports?.[`${watch.data.port}/tcp`]?.[0];
  const status = State.Health?.Status;
  const isChecked = status === 'starting' || status === 'healthy' || status === 'unhealthy';
  return {
    id: Id,
    version,
    number,
    status: State.Status,
    health: isChecked ? { status, said: State.Health?.Log?.at(-1)?.Output ?? null } : null,
    watch: watch.data,
    endpoint: bound && State.Status === 'running' ? { host: bound.HostIp, port: Number(bound.HostPort) } : null,
    restarts: RestartCount,
    startedAt: State.StartedAt,
    finishedAt: State.FinishedAt,
    exitCode: State.ExitCode,
    isOutOfMemory: State.OOMKilled,
    refusal: State.Error,
    graceS: Config.StopTimeout ?? graceDefaultS,
  };
}

/** Whether its process has ended by itself, or could not be started again. */
export function hasEnded({ status }: Container): boolean {
  return status === 'restarting' || status === 'exited' || status === 'dead';
}

/**
 * One line on its last end: `exit code 1 after 0.3 s: Error: no such table`.
 *
 * @param output - The last lines that it wrote in that life.
 */
export function lastEndText(container: Container, output: readonly string[]): string {
  const { startedAt, finishedAt, exitCode, isOutOfMemory, refusal } = container;
  if (refusal !== '') return `the engine could not start it: ${refusal.slice(0, 300)}`;
  const livedMs = Date.parse(finishedAt) - Date.parse(startedAt);
  const text = endText(endOf(exitCode), livedMs >= 0 ? livedMs : null, output);
  return isOutOfMemory ? `killed for want of memory: ${text}` : text;
}

/** The same for an end of which only the exit code is known. */
export function exitText(code: number): string {
  return endText(endOf(code), null, []);
}

/** Engines tell a death by signal as 128 and its number, as shells do. */
function endOf(code: number): End {
  const names: Readonly<Record<number, string>> = { 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };
  const signal = names[code];
  return signal === undefined ? { kind: 'exit', code } : { kind: 'signal', signal };
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}
