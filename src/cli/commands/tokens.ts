import type { Command } from 'commander';
import { isGood } from '../../access/fold.ts';
import { UserError } from '../../errors.ts';
import type { TokenView } from '../../server/access/administration.ts';
import { durationMs } from '../../spec/unit-text.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type GrantOptions, grantsOf, grantsText, withGrants } from '../grants.ts';
import { print } from '../output.ts';
import { dayText, table } from '../table.ts';
import { asked } from './users.ts';

type Options = CommonOptions & { readonly why: string };

/** `tokens`: what programs show to the API. */
export function tokenCommands(program: Command): void {
  const tokens = program.command('tokens').description('service tokens: what programs show to the API');

  withCommon(
    tokens
      .command('list')
      .description('print every token that is good')
      .option('--ended', 'also those that have expired or were revoked'),
  ).action(
    action(async (options: CommonOptions & { ended?: boolean }) => {
      const api = await controllerOf(options.data);
      const answer = await api.get<{ tokens: readonly TokenView[] }>('/tokens');
      const shown = answer.tokens.filter((token) => options.ended || isGood(token, Date.now()));
      print(options.json === true, { tokens: shown }, tokensText(shown));
      return undefined;
    }),
  );

  withGrants(
    withCommon(
      tokens
        .command('add <name>')
        .description('make a token; prints its secret, this once')
        .option('--expires <time>', 'when it ends by itself: 90d, or never', '90d')
        .option('--why <text>', 'reason, for the record', ''),
    ),
  ).action(
    action(async (name: string, options: Options & GrantOptions & { expires: string }) => {
      const api = await controllerOf(options.data);
      const grants = grantsOf(options);
      if (grants.length === 0)
        throw new UserError(
          'E_INPUT',
          'say what it may: --role viewer --service checkout, or --role operator for a job that releases',
          {
            where: '--role',
            fix: 'see docs/guides/access.md for what each role may',
          },
        );
      const body = { name, grants, expiresAtMs: expiry(options.expires), by: api.by, why: options.why };
      const made = await api.post<{ token: TokenView; secret: string }>('/tokens', body);
      const ends = made.token.expiresAtMs === null ? 'until it is revoked' : `until ${dayText(made.token.expiresAtMs)}`;
      print(options.json === true, made, `${name} is ${grantsText(grants)}, ${ends}\nsecret, shown this once: ${made.secret}`);
      return undefined;
    }),
  );

  withCommon(
    tokens.command('revoke <name-or-id>').description('end a token at once').option('--why <text>', 'reason, for the record', ''),
  ).action(
    action(async (given: string, options: Options) => {
      const api = await controllerOf(options.data);
      const { tokens: all } = await api.get<{ tokens: readonly TokenView[] }>('/tokens');
      // A name is that of one good token at most; those that have ended have only their id to themselves.
      const found = all.find(({ id }) => id === given) ?? all.find((token) => token.name === given && isGood(token, Date.now()));
      if (!found)
        throw new UserError('E_UNKNOWN_TOKEN', `there is no token ${given} that is good`, {
          where: 'token',
          fix: 'see `rampart tokens list --ended`',
        });
      await api.delete(`/tokens/${encodeURIComponent(found.id)}${asked(api.by, options.why)}`);
      print(options.json === true, { revoked: found.id }, `${found.name} (${found.id}) is revoked`);
      return undefined;
    }),
  );
}

function expiry(text: string): number | null {
  if (text === 'never') return null;
  const ms = durationMs(text);
  if (ms !== undefined && ms > 0) return Date.now() + ms;
  throw new UserError('E_INPUT', `--expires: expected a time such as 90d, or never, found ${text}`, {
    where: '--expires',
    fix: 'give a number with s, m, h, d or w',
  });
}

function tokensText(tokens: readonly TokenView[]): string {
  if (tokens.length === 0) return 'no token; make one with `rampart tokens add NAME --role viewer --service SERVICE`';
  return table(
    tokens.map(({ id, name, grants, by, expiresAtMs, revokedAtMs, lastUsedMs }) => [
      name,
      id,
      grantsText(grants),
      `by ${by}`,
      revokedAtMs !== null
        ? `revoked ${dayText(revokedAtMs)}`
        : expiresAtMs === null
          ? 'never ends'
          : `until ${dayText(expiresAtMs)}`,
      lastUsedMs === null ? 'never used' : `used ${dayText(lastUsedMs)}`,
    ]),
  );
}
