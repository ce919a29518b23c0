import type { ServiceEvent } from '../release/types.ts';
import { redactedText } from '../views/redacted.ts';

/**
 * An event as it may be decided on, recorded and shown: what programs of the user's own have said (the last line of a hook, the last
 * words of an instance, the reason of a refusal) has its secrets hidden. All other events stay what they are.
 *
 * @param known - The secrets that the service's documents name, as they are. Asked for only where there is a text.
 */
export function withoutSecrets(event: ServiceEvent, known: () => readonly string[]): ServiceEvent {
  const hide = (text: string): string => redactedText(text, known());
  switch (event.kind) {
    case 'hook-ended':
    case 'smoked':
      return { ...event, detail: hide(event.detail) };
    case 'ensure-failed':
    case 'effect-failed':
      return { ...event, reason: hide(event.reason) };
    case 'validated':
      return event.problems.length === 0 ? event : { ...event, problems: event.problems.map(hide) };
    case 'instances':
      if (event.instances.every(({ problem }) => problem === undefined)) return event;
      return {
        ...event,
        instances: event.instances.map((instance) =>
          instance.problem === undefined ? instance : { ...instance, problem: hide(instance.problem) },
        ),
      };
    case 'requested':
    case 'verb':
    case 'barrier-opened':
    case 'drill-asked':
    case 'drill-ended':
    case 'restart-asked':
    case 'restart-stopped':
    case 'restart-accepted':
    case 'controller-started':
    case 'route-accepted':
    case 'route-read':
    case 'sampled':
    case 'retired':
    case 'woke':
      return event;
  }
}
