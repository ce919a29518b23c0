import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import type { ReleaseSummary } from '../release/summary.ts';
import type { ReleaseView } from '../views/service-view.ts';
import type { ApiClient } from './api-client.ts';
import { print } from './output.ts';
import { countText, type EventLine, timeText } from './screen.ts';

/** A release may be seen to have ended a moment before its end is on record: how often, and how long, that is waited for. */
const looksForEnd = 4;
const betweenLooksMs = 250;

/** A line of the timeline, with the state of the release afterwards. */
type Line = EventLine & { readonly state: string | null };

/**
 * Tells what happens in a release until it ends: line by line for people, only its summary for programs.
 *
 * @throws UserError `E_UNREACHABLE` when there is no controller for long, and what the controller itself refuses with.
 */
export async function follow(api: ApiClient, release: string, json: boolean): Promise<ReleaseSummary> {
  const timeline = new Timeline(api, release, json);
  for await (const { event, data } of api.stream({ topics: [`release:${release}`], after: 0 })) {
    if (event === 'entry') timeline.tell(JSON.parse(data) as Line);
    const summary = event === 'release' ? (JSON.parse(data) as ReleaseView).summary : null;
    if (!summary) continue;
    await timeline.tellUntil(summary.outcome);
    print(json, summary, endText(summary));
    return summary;
  }
  throw new UserError('E_UNREACHABLE', `nothing more is heard of ${release}`, { where: release, fix: 'see `rampart status`' });
}

/** What has been told of a release. */
class Timeline {
  readonly #api: ApiClient;
  readonly #path: string;
  readonly #isSilent: boolean;
  #seq = 0;
  #state: string | null = null;

  constructor(api: ApiClient, release: string, isSilent: boolean) {
    this.#api = api;
    this.#path = `/releases/${encodeURIComponent(release)}/events`;
    this.#isSilent = isSilent;
  }

  tell({ seq, at, said, state }: Line): void {
    if (seq <= this.#seq) return;
    this.#seq = seq;
    this.#state = state;
    if (!this.#isSilent && said !== null) process.stdout.write(`${timeText(at)}  ${said}\n`);
  }

  /** Tells the rest. One that another release has put aside has no line of its own about that, so the wait has an end. */
  async tellUntil(outcome: string): Promise<void> {
    for (let look = 1; look <= looksForEnd && this.#state !== outcome; look += 1) {
      if (look > 1) await delay(betweenLooksMs);
      const { events } = await this.#api.get<{ events: readonly Line[] }>(`${this.#path}?after=${this.#seq}&limit=1000`);
      for (const line of events) this.tell(line);
      if (events.length > 0) look = 0;
    }
  }
}

/** The end of a release in one or two lines. */
export function endText(summary: ReleaseSummary): string {
  const { service, version, outcome, reason, secondsToSafety, failedRequests, candidateRequests } = summary;
  const cost = `${countText(failedRequests)} of ${countText(candidateRequests)} requests to ${version} failed`;
  const safety = secondsToSafety === null ? '' : `; ${secondsToSafety} s from the first sign of the fault to safety`;
  return `${service} ${version}: ${outcome}. ${reason}\n${candidateRequests > 0 ? `${cost}${safety}` : 'no request reached it'}`;
}
