import { UserError } from '../errors.ts';
import { restartRefusal } from '../release/restart.ts';
import type { Restart, ServiceState } from '../release/types.ts';
import { textIn } from '../spec/text.ts';

/**
 * What a restart of a service would do now.
 *
 * @param how - See `TargetCapabilities.restarts`.
 * @param version - null: of the stable one.
 * @throws UserError `E_NO_RESTART` where its target cannot, `E_RESTART_REFUSED` where it may not be done now.
 */
export function restartPlan(
  state: ServiceState,
  how: Restart['how'] | 'none',
  version: string | null,
): { readonly version: string; readonly how: Restart['how']; readonly instances: number } {
  const { name } = state;
  const refusal = restartRefusal(state, version);
  if (refusal !== null)
    throw new UserError('E_RESTART_REFUSED', `${name} is not restarted: ${textIn(refusal, 'en')}`, {
      where: `service ${name}`,
      fix: `see \`rampart status ${name}\`; wait for what is under way, or end it first`,
    });
  const stable = state.stable?.version ?? '';
  if (how === 'none')
    throw new UserError('E_NO_RESTART', `what runs ${name} is not started by Rampart, so it cannot be restarted from here`, {
      where: `service ${name}`,
      fix: 'restart it where it is started; for incidents, say how in spec.incidents.respond.restart',
    });
  return { version: stable, how, instances: state.instances[stable]?.length ?? 0 };
}
