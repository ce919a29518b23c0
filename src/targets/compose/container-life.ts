import { currentProblem, instanceState, type Phase, type Readiness, readinessAfter, unchecked } from '../readiness.ts';
import type { Instance } from '../target.ts';
import { type Container, exitText, hasEnded } from './container.ts';
import { WatchedLife } from './watching.ts';

/** A container that has been ready for this long has left its last bad end behind. */
const recoveredMs = 60_000;

/** A bad end: which one that is, when it was where that is known, and its one line. */
type LastEnd = { readonly of: string; readonly at: string | null; readonly text: string };

/** Text of an end by itself, with the container's last lines after the moment `since`: those of its last life. */
export type Outcome = (ended: Container, since: string | null) => Promise<string>;

/** What is known of one container over all lives of its process. */
export class ContainerLife {
  readonly #changed: () => void;
  #container: Container;
  #watched: WatchedLife | null = null;
  /** Where its healthcheck says how it is. */
  #checked: Readiness = unchecked;
  #end: LastEnd | null = null;
  #restartsSeen = 0;
  /** How often it was started again by us, which the engine does not count. */
  #startedAgain = 0;
  /** The start that somebody has asked to end: until there is another one, its end is no crash. */
  #left: string | null = null;

  constructor(container: Container, changed: () => void) {
    this.#container = container;
    this.#changed = changed;
  }

  get container(): Container {
    return this.#container;
  }

  /** Which of its starts it is; null while it does not run. */
  get life(): string | null {
    const { id, status, startedAt } = this.#container;
    return status === 'running' || status === 'paused' ? `${id.slice(0, 12)} ${startedAt}` : null;
  }

  /** Whether it is being started anew because somebody has asked for it. */
  get isRestarting(): boolean {
    return this.#left !== null && this.#left === this.#container.startedAt;
  }

  /** Somebody has asked to start it anew (or, false, that could not be done). */
  restarts(isAsked: boolean): void {
    this.#left = isAsked ? this.#container.startedAt : null;
    this.close();
    this.#checked = unchecked;
    if (isAsked) this.#end = null;
  }

  /** The engine tells that its process has just ended. A look finds out the rest: until then this is what is known. */
  died(exitCode: number): void {
    if (this.#container.status !== 'running') return;
    this.close();
    this.#container = { ...this.#container, status: 'restarting', endpoint: null, exitCode };
    this.#checked = unchecked;
    if (this.isRestarting) return;
    this.#end = { of: '', at: this.#end?.at ?? null, text: exitText(exitCode) };
  }

  /** We are about to start it again. */
  startsAgain(): void {
    this.#startedAgain += 1;
  }

  /**
   * Takes in how the container is now.
   *
   * @param exitCode - With which it last ended, where the engine has told meanwhile.
   */
  async take(now: Container, exitCode: number | null, outcome: Outcome): Promise<void> {
    const end = await this.#newEnd(now, exitCode, outcome);
    const before = this.#container;
    const isNewLife = before.startedAt !== now.startedAt;
    const isNewAddress = before.endpoint?.port !== now.endpoint?.port;
    // State and reason change together: nobody is to see an end without its reason.
    this.#container = now;
    if (end) this.#end = end;
    if (isNewLife) this.#checked = unchecked;
    if (isNewLife || isNewAddress || now.status !== 'running') this.close();
    this.#restartsSeen = now.restarts;
    this.#takeHealth(now);
    await this.#watch(now);
  }

  /** @param isEnding - Whether it was asked to end. */
  instance(service: string, isEnding: boolean): Instance {
    const { version, number, endpoint, watch, health, status, restarts } = this.#container;
    const readiness = this.#watched?.readiness ?? this.#checked;
    const phase = this.isRestarting && !isEnding ? 'restarting' : phaseOf(this.#container, isEnding);
    const { life } = this;
    const isRecovered = readiness.readySinceMs !== null && Date.now() - readiness.readySinceMs >= recoveredMs;
    const isBlind = phase === 'running' && status === 'running' && watch.path === null && health === null;
    const problem = isBlind
      ? 'its image and the compose file have no healthcheck, and target.compose.health.path is not set, so nobody can tell when it is ready'
      : status === 'paused'
        ? 'it was paused by hand'
        : currentProblem(
            readiness,
            isRecovered ? null : (this.#end?.text ?? null),
            watch.path === null ? 1 : watch.unhealthyAfter,
          );
    return {
      id: `${service}/${version}/${number - 1}`,
      version,
      endpoint,
      state: status === 'paused' && !isEnding ? 'unready' : instanceState(phase, readiness),
      restarts: restarts + this.#startedAgain,
      ...(life !== null && { life }),
      ...(problem !== undefined && { problem }),
      ...(isBlind && { hopeless: true }),
    };
  }

  /** Stops asking; the container stays. */
  close(): void {
    this.#watched?.end();
    this.#watched = null;
  }

  /** The end that this look has found, if it is another than the one that is known. */
  async #newEnd(now: Container, exitCode: number | null, outcome: Outcome): Promise<LastEnd | null> {
    if (this.#left === now.startedAt) return null;
    const since = this.#end?.at ?? null;
    if (hasEnded(now))
      return this.#end?.of === now.finishedAt
        ? null
        : { of: now.finishedAt, at: now.finishedAt, text: await outcome(now, since) };
    if (now.status !== 'running' || now.restarts <= this.#restartsSeen || exitCode === null) return null;
    // It ended and began between two looks. When it did is in the past; what it wrote is there.
    const ended = { ...now, exitCode, finishedAt: '', isOutOfMemory: false, refusal: '' };
    return { of: now.startedAt, at: null, text: await outcome(ended, since) };
  }

  #takeHealth({ health, status }: Container): void {
    if (this.isRestarting) return;
    if (health === null || status !== 'running' || health.status === 'starting') return;
    const said = health.said?.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
    const detail = `its healthcheck fails${said === '' ? '' : `: ${said}`}`;
    this.#checked = readinessAfter(
      this.#checked,
      health.status === 'healthy' ? { ok: true } : { ok: false, detail },
      1,
      Date.now(),
    );
  }

  async #watch({ status, endpoint, watch }: Container): Promise<void> {
    if (this.isRestarting) return;
    if (this.#watched) return this.#watched.use(watch);
    if (status !== 'running' || endpoint === null || watch.path === null) return;
    this.#watched = new WatchedLife(endpoint, watch, this.#changed);
    await this.#watched.begin(watch.path);
  }
}

function phaseOf({ status }: Container, isEnding: boolean): Phase {
  if (isEnding) return 'stopping';
  switch (status) {
    case 'created':
      return 'unstarted';
    case 'running':
    case 'paused':
      return 'running';
    case 'removing':
      return 'stopping';
    case 'restarting':
    case 'exited':
    case 'dead':
      return 'waiting';
  }
}
