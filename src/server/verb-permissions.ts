import type { Permission } from '../access/types.ts';
import type { ReleaseState, Verb } from '../release/types.ts';
import { isApproval } from '../release/verbs.ts';

const permissions: Readonly<Record<Verb, Permission>> = {
  pause: 'steer',
  resume: 'steer',
  promote: 'steer',
  retry: 'steer',
  approve: 'approve',
  abort: 'abort',
};

/**
 * All that somebody needs to be allowed for a verb. Whoever goes on past the gate of a checklist, or promotes past a question, says yes to
 * it; to resume is nothing else then.
 *
 * @param release - null: it is not remembered any more.
 */
export function neededFor(release: ReleaseState | null, verb: Verb): readonly Permission[] {
  const isYes = release !== null && isApproval(release, verb);
  if (!isYes) return [permissions[verb]];
  return verb === 'resume' ? ['approve'] : [...new Set<Permission>([permissions[verb], 'approve'])];
}
