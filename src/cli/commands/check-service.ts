import { setTimeout as delay } from 'node:timers/promises';
import type { Language } from '../../analysis/sentence.ts';
import { UserError } from '../../errors.ts';
import type { RunProgressView } from '../../runtime/readiness/readiness-keeper.ts';
import type { ReportJson } from '../../views/readiness/json.ts';
import type { ApiClient } from '../api-client.ts';
import type { CommonOptions } from '../command.ts';
import { lastingControllerOf } from '../lasting-client.ts';
import { exitCodes, print } from '../output.ts';

/** What `check` may ask of a service under control. */
export type ServiceCheck = CommonOptions & {
  readonly checklist?: string;
  readonly phase?: readonly string[];
  readonly item?: readonly string[];
  readonly version?: string;
  readonly again?: boolean;
  readonly watch?: boolean;
};

type Run = { readonly endedMs: number | null; readonly progress: RunProgressView | null };

const betweenLooksMs = 500;
/** How often what is not there is looked at again. */
const againMs = 10_000;

/** Has the controller check a service, and prints what came of it. Answers the exit code. */
export async function checkService(service: string, options: ServiceCheck, language: Language): Promise<number> {
  const api = await lastingControllerOf(options.data);
  for (;;) {
    const run = await oneRun(api, service, options);
    const query = new URLSearchParams({ run, lang: language });
    const { report } = await api.get<{ report: ReportJson }>(`/services/${encodeURIComponent(service)}/readiness?${query}`);
    const isReady = report.verdict !== 'not-ready';
    if (!isReady && options.watch) {
      process.stderr.write(`${await textOf(api, service, query)}\n`);
      await delay(againMs);
      continue;
    }
    print(options.json === true, report, options.json ? '' : await textOf(api, service, query));
    return isReady ? exitCodes.done : exitCodes.no;
  }
}

/** Begins a run and waits for its end. Answers its id. */
async function oneRun(api: ApiClient, service: string, options: ServiceCheck): Promise<string> {
  const { checklist, phase, item, version, again, json } = options;
  const { by } = api;
  const of = `/services/${encodeURIComponent(service)}/readiness/runs`;
  const body = {
    ...(checklist === undefined ? {} : { checklist }),
    ...(version === undefined ? {} : { version }),
    ...(phase === undefined ? {} : { phases: phase }),
    ...(item === undefined ? {} : { items: item }),
    ...(again ? { again } : {}),
    ...(by === undefined ? {} : { by }),
  };
  const { run } = await api.post<{ run: string }>(of, body);
  const isShown = process.stderr.isTTY === true && json !== true;
  let last = '';
  for (;;) {
    const { endedMs, progress } = await api.get<Run>(`${of}/${encodeURIComponent(run)}`);
    if (endedMs !== null) return run;
    if (progress === null)
      throw new UserError('E_RUN_BROKEN', `run ${run} ended without a report`, {
        where: service,
        fix: 'see what the controller has said, and start it again',
      });
    const now = `${progress.done} of ${progress.total}  ${progress.now.map((one) => one.item).join(' ')}`;
    if (isShown && now !== last) process.stderr.write(`${now}\n`);
    last = now;
    await delay(betweenLooksMs);
  }
}

/** The report in lines, for people. */
async function textOf(api: ApiClient, service: string, query: URLSearchParams): Promise<string> {
  const parts: string[] = [];
  for await (const part of api.text(`/services/${encodeURIComponent(service)}/readiness/report?${query}&format=text`))
    parts.push(part);
  return parts.join('').trimEnd();
}
