import type { NotifyTarget } from './escalation-policy.ts';
import type { Text } from './text.ts';
import type { Hook } from './types.ts';

/** What an entry of a timeline does when its time comes. */
export type TimelineDeed =
  | { readonly kind: 'checklist'; readonly checklist: string; readonly phases: readonly string[] | null }
  /** `config` as it was written: the schema of its kind reads it when it is run. */
  | {
      readonly kind: 'check';
      readonly check: { readonly kind: string; readonly config: unknown };
      readonly timeoutMs: number | null;
    }
  | { readonly kind: 'hook'; readonly hook: Hook }
  /** `hook` null: `to` is told by messages; `to` absent: whoever is told of releases of the service. */
  | { readonly kind: 'notify'; readonly hook: Hook | null; readonly to?: readonly NotifyTarget[] }
  | { readonly kind: 'start' };

/** One line of the plan of a release, relative to its start. */
export type TimelineEntry = {
  /** Its time, such as `T-24h`, with a number behind it where another has the same. */
  readonly id: string;
  /** From the planned start before 0, from the real one after it. */
  readonly offsetMs: number;
  readonly title: Text;
  /** Who answers for it. */
  readonly role: string;
  readonly does: TimelineDeed;
};
