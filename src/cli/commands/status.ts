import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import type { GroupView } from '../../views/group-view.ts';
import type { ServiceView } from '../../views/service-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { groupNamed, groupText } from '../group.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { paperOf } from '../live-screen.ts';
import { print } from '../output.ts';
import { serviceScreen } from '../screen.ts';

/** `status`: all services and groups in a line each, or one in full. */
export function statusCommand(program: Command): void {
  withCommon(
    withLanguage(program.command('status [service-or-group]').description('show every service and group, or one in full')),
  ).action(
    action(async (name: string | undefined, options: CommonOptions & LanguageOption) => {
      const language = languageOf(options);
      const api = await controllerOf(options.data);
      if (name === undefined) {
        const answer = await api.get<{ services: readonly ServiceView[] }>(`/services?lang=${language}`);
        const { groups } = await api.get<{ groups: readonly GroupView[] }>('/groups');
        print(options.json === true, { ...answer, groups }, [servicesText(answer.services), ...groups.map(groupLine)].join('\n'));
        return;
      }
      try {
        const view = await api.get<ServiceView>(`/services/${encodeURIComponent(name)}?lang=${language}`);
        const paper = { ...paperOf(process.stdout), height: 1_000 };
        print(options.json === true, view, serviceScreen(view, [], Date.now(), paper).join('\n'));
      } catch (error) {
        const isUnknown = error instanceof UserError && (error.code === 'E_UNKNOWN_SERVICE' || error.code === 'E_FORBIDDEN');
        const group = isUnknown ? await groupNamed(api, name) : null;
        if (!group) throw error;
        print(options.json === true, group, groupText(group));
      }
    }),
  );
}

function groupLine({ name, live, ended }: GroupView): string {
  const release = live ?? ended[0];
  return `group ${name}: ${release ? `${live ? '' : 'last: '}${release.state}, ${release.doing}` : 'nothing was released yet'}`;
}

function servicesText(services: readonly ServiceView[]): string {
  if (services.length === 0) return 'no service yet; describe one with `rampart init`, and release it with `rampart release`';
  const rows = services.map(({ name, stable, live, ended }) => {
    const doing = live
      ? `${live.version} ${live.state}: ${live.doing}`
      : ended[0]
        ? `last: ${ended[0].version} ${ended[0].outcome}`
        : '';
    return [name, stable?.version ?? '–', doing] as const;
  });
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  return rows.map((row) => `${row[0].padEnd(width(0))}  ${row[1].padEnd(width(1))}  ${row[2]}`.trimEnd()).join('\n');
}
