import { styleText } from 'node:util';
import type { Command } from 'commander';
import { recordedIn } from '../../runtime/record.ts';
import { serviceView } from '../../views/service-view.ts';
import { action, type CommonOptions } from '../command.ts';
import { chapters } from '../demo/chapters.ts';
import type { Stage } from '../demo/stage.ts';
import type { DemoLine, DemoSummary } from '../demo/story.ts';
import { LiveScreen, paperOf } from '../live-screen.ts';
import { exitCodes, whenOutputIsLost } from '../output.ts';
import { countText, type EventLine, type Paper, serviceScreen, timeText, wrapped } from '../screen.ts';

type Options = Pick<CommonOptions, 'json'> & { once?: boolean };

const drawMs = 200;

/** `demo`: four releases of a small shop under real load. In a terminal live, and it stays until Ctrl-C; in a pipe once. */
export function demoCommand(program: Command): void {
  program
    .command('demo')
    .description('release a small shop four times under real load: one version is broken, one is slow, one is good')
    .option('--once', 'end when the story has ended')
    .option('--json', 'one JSON line per release and one for the sum')
    .action(
      action(async (options: Options) => {
        const called = new AbortController();
        // SIGHUP: the terminal was closed. Whatever ends the demo, what it has started must end with it.
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
          process.once(signal, () => called.abort(new Error(`ended by ${signal}`)));
        whenOutputIsLost(() => called.abort(new Error('nobody reads on')));
        const isLive = process.stdout.isTTY === true && !options.json;
        const screen = isLive ? new LiveScreen(process.stdout) : null;
        const warnings: string[] = [];
        try {
          // Loaded when it is needed: the other commands start faster without a server.
          const { onStage } = await import('../demo/stage.ts');
          const { playStory } = await import('../demo/story.ts');
          return await onStage(
            async (stage) => await play(stage, playStory, options, screen, called.signal),
            (text) => warnings.push(text),
          );
        } catch (error) {
          screen?.close();
          for (const warning of warnings) process.stderr.write(`${warning}\n`);
          if (called.signal.aborted) return exitCodes.no;
          throw error;
        }
      }),
    );
}

async function play(
  stage: Stage,
  playStory: typeof import('../demo/story.ts').playStory,
  options: Options,
  screen: LiveScreen | null,
  signal: AbortSignal,
): Promise<number> {
  const teller = screen ? drawing(stage, screen) : options.json ? null : telling(stage);
  const lines: DemoLine[] = [];
  try {
    const { summary, load } = await playStory(
      stage,
      (line) => {
        lines.push(line);
        if (options.json) process.stdout.write(`${JSON.stringify(line)}\n`);
      },
      signal,
    );
    await teller?.stop();
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    else process.stdout.write(`${demoText(lines, summary, paperOf(process.stdout))}\n`);
    if (screen && !options.once) await stay(stage, signal);
    await load.stop();
    return isAsPromised(lines, summary) ? exitCodes.done : exitCodes.no;
  } finally {
    await teller?.stop();
  }
}

/** The demo promises outcomes; when they differ it says so with its exit code. */
function isAsPromised(lines: readonly DemoLine[], summary: DemoSummary): boolean {
  return lines.map(({ outcome }) => outcome).join() === 'rolled-back,rolled-back,succeeded' && summary.lostRequests === 0;
}

async function stay({ host, port, data }: Stage, signal: AbortSignal): Promise<void> {
  process.stdout.write(
    `\nThe shop runs on at http://127.0.0.1:${port}/ with its users, and its controller at ${host.url}.\n${consoleText(host)}\nTry, in another terminal:\n  npx rampart watch shop --data ${data}\n  npx rampart rollback shop --data ${data}\n${incidentsText(host, data)}Ctrl-C ends everything.\n`,
  );
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** What the versions that were taken back have become. */
function incidentsText({ incidents, url }: Stage['host'], data: string): string {
  const [last] = incidents.all;
  return last ? `  npx rampart postmortem ${last.id} --data ${data}\nWhat its customers are told: ${url}/status\n` : '';
}

/** Where the same is seen in a browser. The link makes the first admin, once. */
function consoleText({ url, setupLink }: Stage['host']): string {
  return `In a browser: ${setupLink ?? url}`;
}

/** Events of the release that people want to see now: the live one, else the last. */
async function eventsOf({ host }: Stage): Promise<{ release: string; events: readonly EventLine[] } | null> {
  const state = host.controller.service('shop');
  const release = (state?.live ?? state?.ended[0])?.id;
  if (release === undefined) return null;
  const events = await host.log.readRelease(release, 0, 1_000);
  return { release, events: events.map((event) => ({ seq: event.seq, at: event.at, said: recordedIn(event).said })) };
}

function drawing(stage: Stage, screen: LiveScreen): { stop(): Promise<void> } {
  return repeating(
    async () => {
      const state = stage.host.controller.service('shop');
      if (!state) return;
      const chapter = chapters.find(({ version }) => version === (state.live ?? state.ended[0])?.version);
      const paper = paperOf(process.stdout);
      const about = `Rampart demo: a shop with 100 requests/s${chapter ? `; ${chapter.version} ${chapter.text}` : ''}`;
      const head = [...wrapped('', about, paper.width), ...wrapped('', consoleText(stage.host), paper.width), ''];
      const known = await eventsOf(stage);
      screen.draw([
        ...head,
        ...serviceScreen(serviceView(state, Date.now(), 'en'), known?.events ?? [], Date.now(), {
          ...paper,
          height: paper.height - head.length,
        }),
      ]);
    },
    () => screen.close(),
  );
}

function telling({ host }: Stage): { stop(): Promise<void> } {
  let seen = 0;
  return repeating(
    async () => {
      const events = await host.log.readAll(seen, 1_000);
      // Objectives, alerts and others have streams of their own, which tell nothing of releases.
      for (const event of events.filter(({ stream }) => stream.startsWith('service/'))) {
        const { said } = recordedIn(event);
        if (said !== null) process.stdout.write(`${timeText(event.at)}  ${said}\n`);
      }
      seen = events.at(-1)?.seq ?? seen;
    },
    () => {},
  );
}

/** Runs `work` again and again until stopped, one at a time, and once more at the end so that nothing is left untold. */
function repeating(work: () => Promise<void>, close: () => void): { stop(): Promise<void> } {
  let stopped: Promise<void> | null = null;
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => (stopped === null ? work() : undefined)).catch(() => {});
  }, drawMs);
  return {
    stop() {
      clearInterval(timer);
      stopped ??= running.then(work).then(close, close);
      return stopped;
    },
  };
}

function demoText(lines: readonly DemoLine[], summary: DemoSummary, { width, colour }: Paper): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const rows = lines.flatMap(({ version, outcome, secondsToSafety, failedRequests, candidateRequests, reason }) => {
    const numbers = secondsToSafety === null ? '' : `, ${secondsToSafety} s from the first sign of the fault to safety`;
    const head = `${paint(outcome === 'succeeded' ? 'green' : 'red', outcome)}: ${countText(failedRequests)} of ${countText(candidateRequests)} requests failed${numbers}`;
    return [...wrapped(`  ${version}  `, head, width), ...wrapped(' '.repeat(version.length + 4), reason, width)];
  });
  const lost =
    summary.lostRequests === 0
      ? paint('green', '0 lost for any other reason')
      : paint('red', `${countText(summary.lostRequests)} lost for other reasons: ${summary.examples.join('; ')}`);
  const sum = `${countText(summary.requests)} requests in ${summary.seconds} s: ${countText(summary.failedByFaultyVersions)} failed by the faulty versions, ${lost}. Stable is ${summary.stable}.`;
  return ['', ...rows, '', ...wrapped('  ', sum, width)].join('\n');
}
