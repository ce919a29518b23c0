import { UserError } from '../errors.ts';
import { groupIn, groupText } from '../runtime/group-documents.ts';
import type { ApiClient } from './api-client.ts';
import type { CommonOptions } from './command.ts';
import { followGroup, memberVersions, tellLine } from './group.ts';
import { exitCodes, print } from './output.ts';

/** How a release is asked for, of a service or of a group. */
export type GroupReleaseOptions = CommonOptions & {
  version: string;
  member?: readonly string[];
  why: string;
  committed?: string;
  wait?: boolean;
};

/** Starts a release of a group, and with `--wait` tells what happens until all of it has ended. */
export async function releaseGroup(
  api: ApiClient,
  file: string,
  document: string,
  options: GroupReleaseOptions,
): Promise<number> {
  const text = await groupText(file, document);
  if (options.committed !== undefined)
    throw new UserError('E_INPUT', '--committed is about one service', {
      where: '--committed',
      fix: 'leave it out for a group',
    });
  // Read here first: a mistake in a document needs no controller to be found.
  groupIn(text);
  const { version, why } = options;
  const body = { ...text, version, versions: memberVersions(options.member), by: api.by, why };
  const started = await api.post<GroupStarted>('/groups', body, text.document);
  const { group, release, members } = started;
  const told = members.map(
    (member) => `${member.service} ${member.version}${member.skipped ? ' (stable already, left out)' : ''}`,
  );
  if (!options.wait) {
    print(
      options.json === true,
      started,
      `release ${release} of group ${group} has begun: ${told.join(', ')}; watch it with: rampart watch ${group}`,
    );
    return exitCodes.done;
  }
  const end = await followGroup(api, group, release, options.json ? () => {} : tellLine);
  if (end) print(options.json === true, end, `${end.state}: ${end.doing}`);
  return end?.outcome === 'succeeded' ? exitCodes.done : exitCodes.no;
}

type GroupStarted = {
  readonly release: string;
  readonly group: string;
  readonly members: readonly { readonly service: string; readonly version: string; readonly skipped: boolean }[];
};
