import { UserError } from '../../errors.ts';

/** What a stream is about: all services, one of them, or one release. */
export type Topic =
  | { readonly kind: 'overview' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'release'; readonly service: string; readonly release: string };

/** A topic as a request names it, before anybody knows of which service a release is. */
export type NamedTopic =
  | { readonly kind: 'overview' }
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'release'; readonly name: string };

/**
 * @param text - `overview`, `service:NAME`, `release:ID`.
 * @throws UserError `E_INPUT`.
 */
export function topicIn(text: string): NamedTopic {
  if (text === 'overview') return { kind: 'overview' };
  const [, kind, name] = /^(service|release):(.{1,300})$/s.exec(text) ?? [];
  if ((kind === 'service' || kind === 'release') && name !== undefined) return { kind, name };
  throw new UserError('E_INPUT', `topic: ${JSON.stringify(text.slice(0, 100))} is none`, {
    where: 'topic',
    fix: 'ask for overview, service:NAME or release:ID; several are several `topic` parameters',
  });
}

/** Whether an event of a service, and of a release or of none, belongs to the topic's timeline. The overview has none. */
export function isAbout(topic: Topic, service: string, release: string | null): boolean {
  return (topic.kind === 'service' && topic.service === service) || (topic.kind === 'release' && topic.release === release);
}
