import { hash as digest } from 'node:crypto';
import type { NewEvent } from './log.ts';

/** An event as a store keeps it: its data as the text that is stored, which is also the text that is hashed. */
export type StoredEvent = {
  readonly seq: number;
  readonly stream: string;
  readonly version: number;
  readonly at: number;
  readonly kind: string;
  readonly release: string | null;
  readonly actor: string;
  /** JSON. Hashed as it is, so that no reader has to reproduce how it was written. */
  readonly data: string;
};

/** A place in the chain: the event `seq` and its hash. */
export type Link = { readonly seq: number; readonly hash: string };

/** What comes before the first event. */
export const genesis: Link = { seq: 0, hash: '0'.repeat(64) };

/** What a walk over some events found. `broken` names the first event that is not what the chain says. */
export type Walk =
  | { readonly kind: 'intact'; readonly last: Link }
  | { readonly kind: 'broken'; readonly seq: number; readonly reason: string };

/**
 * The text of an event's data as it is stored.
 *
 * @throws TypeError if the event cannot be stored and read back as it is: data that JSON has no text for, text with half a
 * surrogate pair (UTF-8 has no bytes for it), or a time that is no integer. All of them are the caller's mistake.
 */
export function dataText(event: NewEvent): string {
  if (!Number.isSafeInteger(event.at)) throw new TypeError(`an event's time must be whole milliseconds, not ${event.at}`);
  for (const text of [event.kind, event.actor, event.release ?? '']) assertText(text);
  const text: string | undefined = JSON.stringify(event.data);
  if (text === undefined) throw new TypeError(`the data of a ${event.kind} event has no JSON text`);
  return text;
}

/**
 * Refuses a name that would read back differently from how it was written.
 *
 * @throws TypeError if `text` holds half a surrogate pair.
 */
export function assertText(text: string): void {
  if (!text.isWellFormed()) throw new TypeError(`${JSON.stringify(text)} holds half a surrogate pair and cannot be stored`);
}

/**
 * One text for each event, and no two events with the same: a JSON array, because its quoting keeps the fields apart.
 * Part of the file format: a change makes every log that was ever written look tampered with.
 */
export function canonicalText(event: StoredEvent): string {
  const { seq, stream, version, at, kind, release, actor, data } = event;
  return JSON.stringify([seq, stream, version, at, kind, release, actor, data]);
}

/** SHA-256 (hex) of the hash before and of the event's canonical text. */
export function eventHash(previous: string, event: StoredEvent): string {
  return digest('sha256', `${previous}\n${canonicalText(event)}`, 'hex');
}

/**
 * Checks that `run` (ascending, without gaps) follows `after` and that every hash is right. It tells that the run hangs together, not
 * that it is complete: compare the answer's `last` with the head, which is kept apart from the events.
 *
 * @param run - Empty: intact, and `last` is `after`.
 */
export function walkChain(after: Link, run: Iterable<StoredEvent & { readonly hash: string }>): Walk {
  let last = after;
  for (const event of run) {
    const seq = last.seq + 1;
    if (event.seq !== seq) {
      return { kind: 'broken', seq, reason: `event ${seq} is missing: after event ${last.seq} comes event ${event.seq}` };
    }
    const expected = eventHash(last.hash, event);
    if (event.hash !== expected) {
      const reason = `the hash of event ${seq} is ${short(event.hash)} where its content and event ${last.seq} give ${short(expected)}`;
      return { kind: 'broken', seq, reason };
    }
    last = { seq, hash: event.hash };
  }
  return { kind: 'intact', last };
}

/** Enough of a hash to compare by eye. Takes anything: in a damaged file even the hash may be of another type. */
export function short(hash: unknown): string {
  return `${String(hash).slice(0, 12)}…`;
}
