import { type ControllerSpec, controllerDefaults } from '../../spec/controller.ts';
import type { EventLog } from '../../stores/log.ts';
import { redacted } from '../../views/redacted.ts';
import { type AccessKeeper, accessStream } from '../access/keeper.ts';

const pageSize = 500;

/**
 * Puts the controller's settings on record when they differ from those of the start before, with what they were: who may come in, and
 * how often, is part of who has access.
 *
 * @param actor - Who has started the controller.
 */
export async function recordSettings(
  log: EventLog,
  keeper: AccessKeeper,
  settings: ControllerSpec,
  actor: string,
): Promise<void> {
  const recorded = await lastRecorded(log);
  const after = redacted(settings);
  // Nothing on record means the defaults: a controller that nobody has set up has nothing to say.
  const before = recorded ?? redacted(controllerDefaults);
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const from = { address: 'local', via: 'owner', credential: null } as const;
  const data = { subject: 'controller', from, why: 'read when the controller started', before, after };
  await keeper.change(() => [{ kind: 'configured', actor, data }]);
}

/** The settings that were recorded last; null when none ever were. */
async function lastRecorded(log: EventLog): Promise<unknown> {
  let version = 0;
  let last: unknown = null;
  for (;;) {
    const page = await log.read(accessStream, version, pageSize);
    for (const { kind, data } of page)
      if (kind === 'configured' && typeof data === 'object' && data !== null && 'after' in data) last = data.after;
    version += page.length;
    if (page.length < pageSize) return last;
  }
}
