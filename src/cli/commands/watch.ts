import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ServiceView } from '../../views/service-view.ts';
import { type ApiClient, lastingControllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { LiveScreen, paperOf } from '../live-screen.ts';
import { type EventLine, serviceScreen, timeText } from '../screen.ts';

const pollMs = 250;

/** Events that a screen can show; older ones are asked for with the API. */
const eventsMax = 200;

/** `watch`: one service on one screen, live; in a pipe its events line by line, with `--json` its whole view once a second. */
export function watchCommand(program: Command): void {
  withCommon(
    withLanguage(
      program
        .command('watch <service>')
        .description('follow a service on one screen: split, steps, guard, events')
        .option('--until-end', 'stop when no release is under way'),
    ),
  ).action(
    action(async (name: string, options: CommonOptions & LanguageOption & { untilEnd?: boolean }) => {
      const language = languageOf(options);
      const ended = new AbortController();
      process.once('SIGINT', () => ended.abort());
      const api = await lastingControllerOf(options.data, ended.signal);
      const screen = process.stdout.isTTY && !options.json ? new LiveScreen(process.stdout) : null;
      const events = new Events(api);
      let printed = 0;
      try {
        while (!ended.signal.aborted) {
          const view = await api.get<ServiceView>(`/services/${encodeURIComponent(name)}?lang=${language}`);
          const known = await events.of(view.live?.id ?? view.ended[0]?.release);
          if (screen) screen.draw(serviceScreen(view, known, Date.now(), paperOf(process.stdout)));
          else if (options.json) process.stdout.write(`${JSON.stringify(view)}\n`);
          else
            for (const { seq, at, said } of known)
              if (seq > printed && said !== null) process.stdout.write(`${timeText(at)}  ${said}\n`);
          printed = known.at(-1)?.seq ?? printed;
          if (options.untilEnd && view.live === null && view.queued === null) return;
          await delay(options.json ? 1_000 : pollMs, undefined, { signal: ended.signal }).catch(() => {});
        }
      } catch (error) {
        if (!ended.signal.aborted) throw error;
      } finally {
        screen?.close();
      }
    }),
  );
}

/** The events of the release being watched, fetched as they come. */
class Events {
  readonly #api: ApiClient;
  #release: string | undefined;
  #known: EventLine[] = [];

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async of(release: string | undefined): Promise<readonly EventLine[]> {
    if (release !== this.#release) this.#known = [];
    this.#release = release;
    if (release === undefined) return [];
    const after = this.#known.at(-1)?.seq ?? 0;
    const { events } = await this.#api.get<{ events: readonly EventLine[] }>(
      `/releases/${encodeURIComponent(release)}/events?after=${after}&limit=1000`,
    );
    this.#known = [...this.#known, ...events].slice(-eventsMax);
    return this.#known;
  }
}
