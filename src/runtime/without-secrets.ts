import type { ServiceEvent } from '../release/types.ts';
import { redactedText } from '../views/redacted.ts';

/**
 * An event as it may be decided on, recorded and shown: what programs of the user's own have said (the last line of a hook, the last
 * words of an instance, the reason of a refusal) has its secrets hidden. All other events stay what they are.
 */
export function withoutSecrets(event: ServiceEvent): ServiceEvent {
  switch (event.kind) {
    case 'hook-ended':
    case 'smoked':
      return { ...event, detail: redactedText(event.detail) };
    case 'ensure-failed':
    case 'effect-failed':
      return { ...event, reason: redactedText(event.reason) };
    case 'validated':
      return event.problems.length === 0 ? event : { ...event, problems: event.problems.map(redactedText) };
    case 'instances':
      if (event.instances.every(({ problem }) => problem === undefined)) return event;
      return {
        ...event,
        instances: event.instances.map((instance) =>
          instance.problem === undefined ? instance : { ...instance, problem: redactedText(instance.problem) },
        ),
      };
    case 'requested':
    case 'verb':
    case 'barrier-opened':
    case 'controller-started':
    case 'route-accepted':
    case 'route-read':
    case 'sampled':
    case 'retired':
    case 'woke':
      return event;
  }
}
