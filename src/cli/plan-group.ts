import { groupIn, groupText } from '../runtime/group-documents.ts';
import { controllerOf } from './api-client.ts';
import type { CommonOptions } from './command.ts';
import { type GroupPlan, groupPlanText, memberVersions } from './group.ts';
import { print } from './output.ts';

type Options = CommonOptions & { version: string; member?: readonly string[] };

/** The plan of a group needs a controller: what is left out follows from what is stable. */
export async function planGroup(file: string, document: string, options: Options): Promise<void> {
  const text = await groupText(file, document);
  groupIn(text);
  const api = await controllerOf(options.data);
  const body = { ...text, version: options.version, versions: memberVersions(options.member) };
  const plan = await api.post<GroupPlan>('/groups/plan', body, document);
  print(options.json === true, plan, groupPlanText(plan));
}
