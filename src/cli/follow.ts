import { setTimeout as delay } from 'node:timers/promises';
import type { ReleaseSummary } from '../release/summary.ts';
import type { ReleaseView } from '../views/service-view.ts';
import type { ApiClient } from './api-client.ts';
import { print } from './output.ts';
import { countText, type EventLine, timeText } from './screen.ts';

const pollMs = 250;

/** Tells what happens in a release until it ends: line by line for people, only its summary for programs. */
export async function follow(api: ApiClient, release: string, json: boolean): Promise<ReleaseSummary> {
  let after = 0;
  for (;;) {
    const view = await api.get<ReleaseView>(`/releases/${encodeURIComponent(release)}`);
    const { events } = await api.get<{ events: readonly EventLine[] }>(
      `/releases/${encodeURIComponent(release)}/events?after=${after}&limit=1000`,
    );
    after = events.at(-1)?.seq ?? after;
    if (!json) for (const { at, said } of events) if (said !== null) process.stdout.write(`${timeText(at)}  ${said}\n`);
    if (view.summary && events.length === 0) {
      print(json, view.summary, endText(view.summary));
      return view.summary;
    }
    await delay(pollMs);
  }
}

/** The end of a release in one or two lines. */
export function endText(summary: ReleaseSummary): string {
  const { service, version, outcome, reason, secondsToSafety, failedRequests, candidateRequests } = summary;
  const cost = `${countText(failedRequests)} of ${countText(candidateRequests)} requests to ${version} failed`;
  const safety = secondsToSafety === null ? '' : `; ${secondsToSafety} s from the first sign of the fault to safety`;
  return `${service} ${version}: ${outcome}. ${reason}\n${candidateRequests > 0 ? `${cost}${safety}` : 'no request reached it'}`;
}
