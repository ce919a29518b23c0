import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { type ControllerSpec, controllerDefaults } from '../../spec/controller.ts';
import { loadController } from '../../spec/load.ts';
import { listenAddress } from '../../spec/units.ts';
import { redactedText } from '../../views/redacted.ts';
import { dataFolder, doorFile } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { environment } from '../environment.ts';
import { exitCodes, whenOutputIsLost } from '../output.ts';
import { timeText } from '../screen.ts';
import { rampartVersion } from '../version.ts';

/** `up`: the controller in the foreground. Versions and routers outlive it, and are adopted by the next one. */
export function upCommand(program: Command): void {
  withCommon(
    program
      .command('up')
      .description('run the controller; versions and routers keep running when it ends, and are adopted again')
      .option('--listen <address>', 'where its API listens', '127.0.0.1:7300')
      .option('--config <file>', 'Controller document (default: controller.yaml in the data folder, when there is one)'),
  ).action(
    action(async (options: CommonOptions & { listen: string; config?: string }) => {
      const listen = listenAddress().safeParse(options.listen);
      if (!listen.success)
        throw new UserError('E_INPUT', `--listen: ${listen.error.issues[0]?.message}`, {
          where: '--listen',
          fix: 'give HOST:PORT, port 0 for any free one',
        });
      const say = (text: string, more: object): void =>
        void process.stdout.write(
          `${options.json ? JSON.stringify({ at: Date.now(), ...more, said: text }) : `${timeText(Date.now())}  ${text}`}\n`,
        );
      // Whoever reads along may go, and the disk of its log may fill: releases are guarded all the same.
      whenOutputIsLost(() => {});
      const asked = new Promise<string>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(signal));
      });
      const folder = dataFolder(options.data);
      const settings = await settingsOf(options.config, folder);
      // Loaded when it is needed: the other commands start faster without a server.
      const { startHost } = await import('../../server/host.ts');
      const { demoOn } = await import('../demo/on-controller.ts');
      const host = await startHost({
        data: folder,
        listen: listen.data,
        user: environment.user,
        environment: environment.all,
        doorFile,
        demo: demoOn,
        settings,
        version: rampartVersion,
        warn: (service, text) =>
          say(redactedText(`${service === null ? '' : `${service}: `}${text}`), { warning: true, service }),
      });
      say(`controller of ${folder} answers at ${host.url}`, { url: host.url, data: folder });
      if (host.setupLink !== null)
        say(`first admin: ${host.setupLink}  (works once, for 24 hours)`, { setupLink: host.setupLink });
      const reason = await Promise.race([asked, host.stopped]);
      const isAsked = reason.startsWith('SIG');
      say(isAsked ? 'stops; versions and routers keep running' : `stops: ${reason}`, { reason });
      await host.close();
      return isAsked ? exitCodes.done : exitCodes.unreachable;
    }),
  );
}

/** How the controller is to be set up: by the document that was named, else by the one in its data folder, else by the defaults. */
async function settingsOf(given: string | undefined, folder: string): Promise<ControllerSpec> {
  if (given !== undefined) return await loadController(given);
  const own = join(folder, 'controller.yaml');
  return existsSync(own) ? await loadController(own) : controllerDefaults;
}
