import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import type { GroupView } from '../../views/group-view.ts';
import type { Overview, OverviewRow } from '../../views/overview.ts';
import type { ServiceView } from '../../views/service-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { groupNamed, groupText } from '../group.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { paperOf } from '../live-screen.ts';
import { print } from '../output.ts';
import { serviceScreen } from '../screen.ts';
import { table } from '../table.ts';

/** A service with how it is and what it needs somebody for. */
type Status = ServiceView & Pick<OverviewRow, 'health' | 'needs'>;

/** `status`: all services and groups in a line each, what needs somebody first, or one in full. */
export function statusCommand(program: Command): void {
  withCommon(
    withLanguage(program.command('status [service-or-group]').description('show every service and group, or one in full')),
  ).action(
    action(async (name: string | undefined, options: CommonOptions & LanguageOption) => {
      const language = languageOf(options);
      const api = await controllerOf(options.data);
      if (name === undefined) {
        const [{ services }, { services: rows }, { groups }] = await Promise.all([
          api.get<{ services: readonly ServiceView[] }>(`/services?lang=${language}`),
          api.get<Overview>(`/overview?lang=${language}`),
          api.get<{ groups: readonly GroupView[] }>('/groups'),
        ]);
        const known = rows.flatMap((row) => {
          const view = services.find((one) => one.name === row.name);
          return view ? [withHow(view, row)] : [];
        });
        print(options.json === true, { services: known, groups }, [servicesText(known), ...groups.map(groupLine)].join('\n'));
        return;
      }
      try {
        const [view, { services: rows }] = await Promise.all([
          api.get<ServiceView>(`/services/${encodeURIComponent(name)}?lang=${language}`),
          api.get<Overview>(`/overview?lang=${language}`),
        ]);
        const status = withHow(view, rows.find((row) => row.name === name) ?? null);
        const paper = { ...paperOf(process.stdout), height: 1_000 };
        const [title = '', ...screen] = serviceScreen(view, [], Date.now(), paper);
        const lines = [title, ...howLines(status).map((line) => `  ${line}`), ...screen];
        print(options.json === true, status, lines.join('\n'));
      } catch (error) {
        const isUnknown = error instanceof UserError && (error.code === 'E_UNKNOWN_SERVICE' || error.code === 'E_FORBIDDEN');
        const group = isUnknown ? await groupNamed(api, name) : null;
        if (!group) throw error;
        print(options.json === true, group, groupText(group));
      }
    }),
  );
}

/** `row` null: the service has come since. */
function withHow(view: ServiceView, row: OverviewRow | null): Status {
  const { health, needs } = row ?? { health: { level: 'unknown' as const, reasons: [] }, needs: [] };
  return { ...view, health, needs };
}

/** What somebody has to do, then why the service is as it is; nothing of one that is well. */
function howLines({ health: { level, reasons }, needs }: Status): readonly string[] {
  // A need may be told in the words of a reason.
  const others = level === 'healthy' ? [] : reasons.filter((reason) => !needs.some(({ sentence }) => sentence === reason));
  return [...needs.map(({ sentence }) => `needs somebody: ${sentence}`), ...others.map((reason) => `${level}: ${reason}`)];
}

function groupLine({ name, live, ended }: GroupView): string {
  const release = live ?? ended[0];
  return `group ${name}: ${release ? `${live ? '' : 'last: '}${release.state}, ${release.doing}` : 'nothing was released yet'}`;
}

function servicesText(services: readonly Status[]): string {
  if (services.length === 0) return 'no service yet; describe one with `rampart init`, and release it with `rampart release`';
  const rows = services.map((status) => {
    const { name, stable, live, ended, health } = status;
    const doing = live
      ? `${live.version} ${live.state}: ${live.doing}`
      : ended[0]
        ? `last: ${ended[0].version} ${ended[0].outcome}`
        : '';
    return [name, stable?.version ?? '–', health.level, doing];
  });
  const lines = table(rows).split('\n');
  return services.flatMap((status, index) => [lines[index] ?? '', ...howLines(status).map((line) => `  ${line}`)]).join('\n');
}
