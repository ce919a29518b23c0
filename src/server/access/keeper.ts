import { nobodyYet, takeAccess } from '../../access/fold.ts';
import type { AccessEvent, AccessState } from '../../access/types.ts';
import { RecordedState, type Recording } from '../../runtime/recorded-state.ts';
import type { EventLog } from '../../stores/log.ts';

/** Name of the stream that records who has access, who came in, and what was configured. */
export const accessStream = 'access';

/** An event and who caused it. */
export type AccessEntry = AccessEvent & { readonly actor: string };

const kinds: Readonly<Record<AccessEvent['kind'], true>> = {
  'user-added': true,
  'user-changed': true,
  'user-removed': true,
  'password-set': true,
  'signed-in': true,
  'sign-in-refused': true,
  'signed-out': true,
  'token-added': true,
  'token-revoked': true,
  configured: true,
};

const recording: Recording<AccessState, AccessEntry> = {
  stream: accessStream,
  empty: nobodyYet,
  take: takeAccess,
  kinds: Object.keys(kinds) as AccessEvent['kind'][],
  what: 'who has access',
  held: "nobody's access is changed",
};

/** Who has access, and every change of it. */
export class AccessKeeper extends RecordedState<AccessState, AccessEntry> {
  /**
   * Folds the stream.
   *
   * @param token - The controller's token of the log: a controller that has lost the log changes nobody's access any more.
   * @param now - Unix milliseconds.
   */
  static async open(log: EventLog, token: number, now: () => number): Promise<AccessKeeper> {
    const keeper = new AccessKeeper(recording, log, token, now);
    await keeper.catchUp();
    return keeper;
  }
}
