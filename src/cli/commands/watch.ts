import type { Command } from 'commander';
import type { ServiceView } from '../../views/service-view.ts';
import type { ApiClient } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { followGroup, groupNamed, groupText, tellLine } from '../group.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { lastingControllerOf } from '../lasting-client.ts';
import { LiveScreen, paperOf } from '../live-screen.ts';
import { print } from '../output.ts';
import { type EventLine, serviceScreen, timeText } from '../screen.ts';

/** A screen is drawn again so often: the time that is left passes also when nothing happens. */
const drawEveryMs = 250;

/** Events that a screen can show; older ones are asked for with the API. */
const eventsMax = 200;

/** `watch`: one service on one screen, live; in a pipe its events line by line, with `--json` its whole view whenever it changes. */
export function watchCommand(program: Command): void {
  withCommon(
    withLanguage(
      program
        .command('watch <service-or-group>')
        .description('follow a service on one screen: split, steps, guard, events; a group line by line, until it has ended')
        .option('--until-end', 'stop when no release is under way'),
    ),
  ).action(
    action(async (name: string, options: CommonOptions & LanguageOption & { untilEnd?: boolean }) => {
      const language = languageOf(options);
      const ended = new AbortController();
      process.once('SIGINT', () => ended.abort());
      const api = await lastingControllerOf(options.data, ended.signal);
      if (await watchesGroup(api, name, options.json === true, ended.signal)) return;
      const shown = process.stdout.isTTY && !options.json ? new Screen() : new Lines(options.json === true);
      const events = new Events(api);
      let view: ServiceView | null = null;
      try {
        for await (const { event, data } of api.stream({ topics: [`service:${name}`], language })) {
          if (event === 'entry') {
            events.add(JSON.parse(data) as EventLine & { release: string | null });
            if (view && !options.json) shown.show(view, events.known);
          }
          if (event !== 'service') continue;
          view = JSON.parse(data) as ServiceView;
          const isOver = view.live === null && view.queued === null;
          await events.follow(view.live?.id ?? view.ended[0]?.release, isOver);
          shown.show(view, events.known);
          if (options.untilEnd && isOver) return;
        }
      } catch (error) {
        if (!ended.signal.aborted) throw error;
      } finally {
        shown.close();
      }
    }),
  );
}

/** Tells what happens in a group, where no service is called so; false: there is no such group. */
async function watchesGroup(api: ApiClient, name: string, json: boolean, signal: AbortSignal): Promise<boolean> {
  const { services } = await api.get<{ services: readonly ServiceView[] }>('/services');
  const group = services.some((service) => service.name === name) ? null : await groupNamed(api, name);
  if (!group) return false;
  if (group.live) await followGroup(api, name, group.live.id, json ? () => {} : tellLine, signal);
  const now = await groupNamed(api, name);
  if (now) print(json, now, groupText(now));
  return true;
}

/** A terminal. */
class Screen {
  readonly #screen = new LiveScreen(process.stdout);
  readonly #timer = setInterval(() => this.#draw(), drawEveryMs);
  #shown: { readonly view: ServiceView; readonly events: readonly EventLine[] } | null = null;

  show(view: ServiceView, events: readonly EventLine[]): void {
    this.#shown = { view, events };
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#screen.close();
  }

  #draw(): void {
    if (!this.#shown) return;
    const { view, events } = this.#shown;
    this.#screen.draw(serviceScreen(view, events, Date.now(), paperOf(process.stdout)));
  }
}

/** A pipe or a file. */
class Lines {
  readonly #isJson: boolean;
  #printed = 0;

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  show(view: ServiceView, events: readonly EventLine[]): void {
    if (this.#isJson) process.stdout.write(`${JSON.stringify(view)}\n`);
    else
      for (const { seq, at, said } of events)
        if (seq > this.#printed && said !== null) process.stdout.write(`${timeText(at)}  ${said}\n`);
    this.#printed = Math.max(this.#printed, events.at(-1)?.seq ?? 0);
  }

  close(): void {}
}

/** The events of the release being watched: its past is asked for once, then they come by themselves. */
class Events {
  readonly #api: ApiClient;
  #release: string | undefined;
  #isOver = false;
  known: readonly EventLine[] = [];

  constructor(api: ApiClient) {
    this.#api = api;
  }

  add(line: EventLine & { readonly release: string | null }): void {
    if (line.release === this.#release) this.#take([line]);
  }

  /** @param isOver - Nothing more comes: what is not here yet is asked for. */
  async follow(release: string | undefined, isOver: boolean): Promise<void> {
    if (release === this.#release && isOver === this.#isOver) return;
    if (release !== this.#release) this.known = [];
    this.#release = release;
    this.#isOver = isOver;
    if (release === undefined) return;
    for (let isMore = true; isMore; ) {
      const after = this.known.at(-1)?.seq ?? 0;
      const { events } = await this.#api.get<{ events: readonly EventLine[] }>(
        `/releases/${encodeURIComponent(release)}/events?after=${after}&limit=1000`,
      );
      this.#take(events);
      isMore = events.length > 0;
    }
  }

  #take(lines: readonly EventLine[]): void {
    const last = this.known.at(-1)?.seq ?? 0;
    this.known = [...this.known, ...lines.filter(({ seq }) => seq > last)].slice(-eventsMax);
  }
}
