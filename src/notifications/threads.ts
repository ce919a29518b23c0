import { fingerprint } from '../alerts/fingerprint.ts';

// What all messages share that are about one thing. An incident's own thread is its id.

/** Begins with the incident that buttons are about: `checkout-20261129-1/g2f01ab34`. */
export function groupThread(incident: string, group: string): string {
  return `${incident}/g${fingerprint({ group }).slice(0, 8)}`;
}

/** Whether a thread is that of a group of alerts. */
export function isOfGroup(thread: string, incident: string): boolean {
  return thread.startsWith(`${incident}/g`);
}

/** Of one war room of an incident. */
export function roomThread(incident: string, number: number): string {
  return `${incident}/room/${number}`;
}

/** The incident of a thread: of its own, of a group's, of a room's. */
export function incidentOfThread(thread: string): string {
  return thread.split('/')[0] ?? thread;
}

/** No incident is called so: the ids of incidents have no slash. */
const releaseHead = 'release/';

/** Of one release. */
export function releaseThread(release: string): string {
  return `${releaseHead}${release}`;
}

/** The release of a thread; null: it is one of something else. */
export function releaseOfThread(thread: string): string | null {
  return thread.startsWith(releaseHead) ? thread.slice(releaseHead.length) : null;
}
