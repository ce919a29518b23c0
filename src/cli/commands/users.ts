import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import type { UserView } from '../../server/access/administration.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type GrantOptions, grantsOf, grantsText, withGrants } from '../grants.ts';
import { print } from '../output.ts';
import { dayText, table } from '../table.ts';

type Options = CommonOptions & { readonly why: string };
type Change = Options & GrantOptions & { readonly disable?: boolean; readonly enable?: boolean };

/** `users`: who may sign in, and what they may. */
export function userCommands(program: Command): void {
  const users = program.command('users').description('who may sign in, and what they may');
  const named = (name: string, description: string): Command =>
    withCommon(users.command(`${name} <name>`).description(description).option('--why <text>', 'reason, for the record', ''));

  withCommon(users.command('list').description('print every user')).action(
    action(async (options: CommonOptions) => {
      const api = await controllerOf(options.data);
      const answer = await api.get<{ users: readonly UserView[] }>('/users');
      print(options.json === true, answer, usersText(answer.users));
      return undefined;
    }),
  );

  withGrants(named('add', 'add a user; prints the link by which they choose a password')).action(
    action(async (name: string, options: Options & GrantOptions) => {
      const api = await controllerOf(options.data);
      const grants = grantsOf(options);
      if (grants.length === 0) throw nothingGiven('say what they may: --role viewer --all');
      const added = await api.post<{ user: UserView; link: string }>('/users', { name, grants, by: api.by, why: options.why });
      print(options.json === true, added, `${name} is ${grantsText(grants)}\n${linkText(added.link)}`);
      return undefined;
    }),
  );

  withGrants(named('change', 'change what a user may, or whether they may sign in; it counts at once'))
    .option('--disable', 'they may not sign in any more, and their sessions end')
    .option('--enable', 'they may sign in again')
    .action(
      action(async (name: string, options: Change) => {
        const api = await controllerOf(options.data);
        const grants = grantsOf(options);
        if (options.disable && options.enable) throw nothingGiven('--disable and --enable contradict each other');
        const change = {
          ...(grants.length === 0 ? {} : { grants }),
          ...(options.disable ? { disabled: true } : options.enable ? { disabled: false } : {}),
        };
        if (Object.keys(change).length === 0) throw nothingGiven('say what changes: --role, --grant, --disable or --enable');
        const user = await api.patch<UserView>(`/users/${encodeURIComponent(name)}`, { ...change, by: api.by, why: options.why });
        print(options.json === true, user, usersText([user]));
        return undefined;
      }),
    );

  named('remove', 'remove a user; the name stays in the record and is not given again').action(
    action(async (name: string, options: Options) => {
      const api = await controllerOf(options.data);
      await api.delete(`/users/${encodeURIComponent(name)}${asked(api.by, options.why)}`);
      print(options.json === true, { removed: name }, `${name} is removed`);
      return undefined;
    }),
  );

  named('link', 'make a one-time link for a first or a new password; those before it are void').action(
    action(async (name: string, options: Options) => {
      const api = await controllerOf(options.data);
      const body = { by: api.by, why: options.why };
      const made = await api.post<{ link: string }>(`/users/${encodeURIComponent(name)}/link`, body);
      print(options.json === true, made, linkText(made.link));
      return undefined;
    }),
  );
}

/** Who asks, and why, where there is no body for it. */
export function asked(by: string | undefined, why: string): string {
  const query = new URLSearchParams({ ...(by === undefined ? {} : { by }), ...(why === '' ? {} : { why }) }).toString();
  return query === '' ? '' : `?${query}`;
}

function linkText(link: string): string {
  return `link for a password (works once, for 24 hours): ${link}`;
}

function usersText(users: readonly UserView[]): string {
  if (users.length === 0) return 'no user yet; `rampart up` prints a link for the first admin when it starts';
  return table(
    users.map(({ name, grants, disabled, hasPassword, oidc, lastSignInMs }) => [
      name,
      grantsText(grants),
      disabled ? 'disabled' : hasPassword || oidc ? '' : 'has no password yet',
      lastSignInMs === null ? 'never signed in' : `signed in ${dayText(lastSignInMs)}`,
    ]),
  );
}

function nothingGiven(what: string): UserError {
  return new UserError('E_INPUT', what, { where: 'options', fix: 'see docs/guides/access.md for what each role may' });
}
