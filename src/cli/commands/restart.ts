import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { RestartView, ServiceView } from '../../views/service-view.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { lastingControllerOf } from '../lasting-client.ts';
import { print } from '../output.ts';

type Options = CommonOptions & { version?: string; dryRun?: boolean; stop?: boolean; why: string; wait: boolean };
type Answer = { readonly dryRun: boolean; readonly restart: string | null; readonly said: string };
type Stopped = { readonly done: boolean; readonly said: string };

const betweenLooksMs = 500;

/** `restart`: the instances of the stable version anew, one after another. */
export function restartCommand(program: Command): void {
  withCommon(
    program
      .command('restart <service>')
      .description('start the instances of the stable version anew, one after another')
      .option('--version <version>', 'only if this is the stable version')
      .option('--dry-run', 'only say what would happen')
      .option('--stop', 'end a restart that is under way where it is')
      .option('--why <text>', 'reason, for the record', '')
      .option('--no-wait', 'do not wait for the end'),
  ).action(
    action(async (service: string, options: Options) => {
      const api = await lastingControllerOf(options.data);
      const isJson = options.json === true;
      const path = `/services/${encodeURIComponent(service)}`;
      const asked = { by: api.by, why: options.why };
      if (options.stop) {
        const { done, said } = await api.post<Stopped>(`${path}/restart/stop`, asked);
        print(isJson, { done, said }, said);
        return done ? 0 : 1;
      }
      const body = { ...asked, version: options.version ?? null, dryRun: options.dryRun === true };
      const answer = await api.post<Answer>(`${path}/restart`, body);
      const { dryRun, restart, said } = answer;
      if (dryRun || !options.wait || restart === null) {
        print(isJson, answer, dryRun ? `would do this: ${said}` : said);
        return;
      }
      if (!isJson) process.stdout.write(`${said}\n`);
      let told = '';
      // It has its own deadlines, and ends by itself.
      for (;;) {
        const { restart: now } = await api.get<ServiceView>(path);
        // Another one since: the end of this one is in the audit.
        if (now === null || now.id !== restart) return 1;
        if (now.outcome !== null) {
          print(isJson, now, now.said ?? now.outcome);
          return now.outcome === 'done' ? 0 : 1;
        }
        const text = progressText(now);
        if (!isJson && text !== told) process.stdout.write(`${text}\n`);
        told = text;
        await delay(betweenLooksMs);
      }
    }),
  );
}

function progressText({ instances, left }: RestartView): string {
  return `${instances - left} of ${instances} started anew`;
}
