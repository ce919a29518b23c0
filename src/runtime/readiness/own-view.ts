import type { OwnView } from '../../checks/own-view.ts';
import type { FlagsState } from '../../flags/types.ts';
import type { AlertsRecorded } from '../alerts/alert-records.ts';
import type { Clock } from '../clock.ts';
import type { Controller } from '../controller.ts';
import type { ObjectiveKeeper } from '../objectives/objective-keeper.ts';

/** What of a controller the view reads. */
export type OwnParts = {
  readonly controller: Controller;
  readonly objectives: Pick<ObjectiveKeeper, 'of' | 'read' | 'between' | 'nowMs'>;
  readonly alerts: Pick<AlertsRecorded, 'state'>;
  /** The flags that are in force now. */
  readonly flags: () => FlagsState;
  readonly clock: Clock;
};

/** What a controller knows about one of its services; null: it has none of this name, or no document of it is in force. */
export function ownViewOf(parts: OwnParts, service: string): OwnView | null {
  const spec = specOf(parts, service);
  if (!spec) return null;
  throw new Error('not here yet');
}

function specOf({ controller }: OwnParts, name: string) {
  const state = controller.service(name);
  return state?.stable?.spec ?? state?.live?.spec ?? null;
}
