import type { ServiceState } from '../../release/types.ts';
import type { ServiceSpec } from '../../spec/types.ts';

/**
 * The document that counts for a version of a service: that with which it is, was or would have been released; where there is none of
 * it, the document in force. A version that nobody names is the candidate of the release under way, else the stable one, else the last
 * one that was tried.
 *
 * @returns null: nothing is known of the service.
 */
export function documentOf(
  state: ServiceState | undefined,
  version: string | null,
): { readonly spec: ServiceSpec; readonly version: string } | null {
  if (!state) return null;
  const { live, queued, stable, previous, ended } = state;
  const usual = live ?? stable ?? ended[0] ?? queued;
  if (version === null) return usual && { spec: usual.spec, version: usual.version };
  const own = [live, queued, stable, ...previous, ...ended].find((one) => one?.version === version) ?? usual;
  return own && { spec: own.spec, version };
}
