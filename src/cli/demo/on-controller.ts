import { messageOf } from '../../errors.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { Demo, DemoStatus } from '../../server/demo.ts';
import { freePort } from '../../system/free-port.ts';
import type { Load } from './load.ts';
import { playStory } from './story.ts';

/** How long the shop keeps its users when nobody ends them: nobody wants them there tomorrow. */
const usersMs = 3_600_000;

/** The demo under a controller that somebody has started for themselves: it plays the same story, and leaves the shop running. */
export function demoOn(controller: Controller): Demo {
  const ending = new AbortController();
  let status: DemoStatus = { state: 'absent', said: null, service: null };
  let playing: Promise<void> = Promise.resolve();
  let load: Load | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function play(): Promise<void> {
    try {
      const port = await freePort();
      const told = await playStory({ controller, port }, () => {}, ending.signal);
      load = told.load;
      timer = setTimeout(() => void stop(), usersMs);
      status = { ...status, state: 'over', said: `${told.summary.stable} is stable; its users go on for an hour` };
    } catch (error) {
      status = { ...status, state: ending.signal.aborted ? 'ended' : 'failed', said: messageOf(error) };
    }
  }

  async function stop(): Promise<void> {
    if (status.state === 'absent') return;
    ending.abort(new Error('the demo was ended'));
    clearTimeout(timer);
    await playing;
    await load?.stop();
    load = null;
    if (status.state === 'over') status = { ...status, state: 'ended', said: 'its users are gone; the shop stays' };
  }

  return {
    get status() {
      return status;
    },
    start() {
      status = { state: 'running', said: 'a shop with 100 requests/s is released four times', service: 'shop' };
      playing = play();
    },
    stop,
  };
}
