import { UserError } from '../errors.ts';
import { isCommitted } from '../release/phase-name.ts';
import type { Installed, ReleaseState, ServiceState } from '../release/types.ts';

/**
 * The version that a rollback of this service brings back, and how: `abort` the live release, or `restore` an earlier version.
 * @throws UserError `E_NOTHING_TO_ROLL_BACK` when there is no such version, `E_UNDER_WAY` when it is being brought back already.
 */
export function rollbackPlan(
  state: ServiceState,
  to: string | null,
): { readonly kind: 'abort'; readonly release: ReleaseState } | { readonly kind: 'restore'; readonly installed: Installed } {
  const { name } = state;
  const way = [state.live, state.queued].find(
    (release) =>
      release?.plan.strategy === 'restore' &&
      release.phase.kind !== 'rolling-back' &&
      (to ?? release.version) === release.version,
  );
  // Said twice in a hurry, a rollback must not take itself back.
  if (way && !isCommitted(way))
    throw new UserError('E_UNDER_WAY', `${way.version} is being brought back already (${way.id})`, {
      where: `service ${name}`,
      fix: `see \`rampart watch ${name}\`; to stay on ${state.stable?.version ?? 'no version'}, abort ${way.id}`,
    });
  const isAbortable = state.live !== null && !isCommitted(state.live);
  if (state.live && isAbortable && (to === null || to === state.stable?.version)) return { kind: 'abort', release: state.live };
  const installed = to === null ? state.previous[0] : state.previous.find(({ version }) => version === to);
  if (installed) return { kind: 'restore', installed };
  const known = state.previous.map(({ version }) => version).join(', ');
  const what =
    to === null
      ? `${name} has no version before ${state.stable?.version ?? 'the first'}`
      : to === state.stable?.version
        ? `${to} is the stable version of ${name} already`
        : `${name} was never stable at ${to}`;
  throw new UserError('E_NOTHING_TO_ROLL_BACK', what, {
    where: `service ${name}`,
    fix:
      known === '' ? 'no version was stable before: release another one' : `name one of the earlier versions with --to: ${known}`,
  });
}
