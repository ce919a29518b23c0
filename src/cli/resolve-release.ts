import { UserError } from '../errors.ts';
import type { ServiceView } from '../views/service-view.ts';
import type { ApiClient } from './api-client.ts';

/** The release that a person means by the name of a service (its live or waiting release) or by the id of a release. */
export async function resolveRelease(api: ApiClient, given: string): Promise<string> {
  const { services } = await api.get<{ services: readonly ServiceView[] }>('/services');
  const service = services.find(({ name }) => name === given);
  if (!service) return given;
  const release = service.live ?? service.queued;
  if (release) return release.id;
  const [last] = service.ended;
  // The verb is given to the last release, whose answer says that it has ended.
  if (last) return last.release;
  throw new UserError('E_UNKNOWN_RELEASE', `${given} has no release`, { where: given, fix: 'start one with `rampart release`' });
}
