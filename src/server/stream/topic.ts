import { can, canSomewhere } from '../../access/can.ts';
import type { Grant } from '../../access/types.ts';
import { UserError } from '../../errors.ts';

/** Parts of the whole of which a stream tells only that they have changed: whoever shows them asks for them again. */
export const changing = ['notifications', 'on-call', 'silences', 'status-page'] as const;
export type Changing = (typeof changing)[number];

/** What a stream is about: all services, one of them, one release; all incidents that are not over, one of them; or that something has changed. */
export type Topic =
  | { readonly kind: 'overview' | 'incidents' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'release'; readonly service: string; readonly release: string }
  /** `service`: null: it is of none. */
  | { readonly kind: 'incident'; readonly service: string | null; readonly incident: string }
  | { readonly kind: 'changed'; readonly what: Changing };

/** A topic as a request names it, before anybody knows of which service a release or an incident is. */
export type NamedTopic =
  | { readonly kind: 'overview' | 'incidents' }
  | { readonly kind: 'service' | 'release' | 'incident'; readonly name: string }
  | { readonly kind: 'changed'; readonly what: Changing };

/**
 * @param text - `overview`, `service:NAME`, `release:ID`, `incidents`, `incident:ID`, or one of `changing`.
 * @throws UserError `E_INPUT`.
 */
export function topicIn(text: string): NamedTopic {
  if (text === 'overview' || text === 'incidents') return { kind: text };
  const what = changing.find((one) => one === text);
  if (what) return { kind: 'changed', what };
  const [, kind, name] = /^(service|release|incident):(.{1,300})$/s.exec(text) ?? [];
  if ((kind === 'service' || kind === 'release' || kind === 'incident') && name !== undefined) return { kind, name };
  throw new UserError('E_INPUT', `topic: ${JSON.stringify(text.slice(0, 100))} is none`, {
    where: 'topic',
    fix: `ask for overview, service:NAME, release:ID, incidents, incident:ID, ${changing.join(', ')}; several are several \`topic\` parameters`,
  });
}

/** Whether an event of a service, and of a release or of none, belongs to the topic's timeline. The overview has none. */
export function isAbout(topic: Topic, service: string, release: string | null): boolean {
  return (topic.kind === 'service' && topic.service === service) || (topic.kind === 'release' && topic.release === release);
}

/** The same text for the same topic. */
export function keyOf(topic: Topic): string {
  switch (topic.kind) {
    case 'overview':
    case 'incidents':
      return topic.kind;
    case 'service':
      return `service ${topic.service}`;
    case 'release':
      return `release ${topic.release}`;
    case 'incident':
      return `incident ${topic.incident}`;
    case 'changed':
      return `changed ${topic.what}`;
  }
}

/** Services that somebody may see, by name; null: all of them. */
export type Seen = ReadonlySet<string> | null;

/** The services that these grants show. */
export function seenWith(grants: readonly Grant[]): Seen {
  if (can(grants, 'read', null)) return null;
  return new Set(grants.flatMap(({ services }) => (services === '*' ? [] : services)).sort());
}

/** Whether the topic shows the same with both. */
export function isSameSight(topic: Topic, before: readonly Grant[], now: readonly Grant[]): boolean {
  switch (topic.kind) {
    case 'service':
    case 'release':
    case 'incident':
      return can(now, 'read', topic.service);
    case 'changed':
      return maySee(topic.what, now);
    case 'overview':
    case 'incidents': {
      const [a, b] = [seenWith(before), seenWith(now)];
      return a === null || b === null ? a === b : a.size === b.size && [...a].every((name) => b.has(name));
    }
  }
}

/** Whether somebody may know that something has changed: whoever may ask for it. */
export function maySee(what: Changing, grants: readonly Grant[]): boolean {
  // Lists of silences have what one may see of them; who is on call is for everybody.
  return what === 'silences' || what === 'on-call' ? canSomewhere(grants, 'read') : can(grants, 'read', null);
}
