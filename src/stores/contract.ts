import { UserError } from '../errors.ts';

/** Who holds a log: the highest token ever claimed (0: nobody yet), its owner, and when (unix ms). */
export type Epoch = { readonly token: number; readonly owner: string; readonly at: number };

/** `E_STALE_TOKEN`, the same words in every store. */
export function staleToken(token: number, epoch: Epoch, where: string): UserError {
  const what =
    token < epoch.token
      ? `${epoch.owner} took the log over on ${new Date(epoch.at).toISOString()} with token ${epoch.token}; token ${token} may not write any more`
      : `token ${token} was never claimed on this log, the last one is ${epoch.token}: the log was replaced by another one`;
  return new UserError('E_STALE_TOKEN', what, {
    where,
    fix: 'Nothing was stored. Stop this controller; start it again only if it is the one that should be in charge.',
  });
}

/**
 * Refuses a count of events that is none.
 *
 * @throws RangeError if `limit` is not an integer ≥ 0; SQL would take −1 as "all".
 */
export function assertLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 0) throw new RangeError(`a limit must be an integer ≥ 0, not ${limit}`);
}
