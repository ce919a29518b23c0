import type { ServiceState } from '../release/types.ts';
import type { SignalPolicy } from '../spec/signal-policy.ts';

/** What the document in force says of the golden signals; undefined: nothing. */
export function signalPolicy({ stable, live }: ServiceState): SignalPolicy | undefined {
  return (stable ?? live)?.spec.signals;
}
