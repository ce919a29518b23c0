import { z } from 'zod';
import { nameHint } from '../../access/refusal.ts';
import { type Grant, roles } from '../../access/types.ts';
import { serviceName } from '../../spec/service.ts';
import type { TokenView, UserView } from '../access/administration.ts';
import type { SessionView } from '../access/session-view.ts';
import { answer } from './answer.ts';
import { line } from './requests.ts';

export const GrantSchema = z
  .strictObject({
    role: z.enum(roles, `expected one of ${roles.join(', ')}`),
    services: z
      .union(
        [z.literal('*'), z.array(serviceName).min(1, 'expected "*" for all services, or at least one name').max(200)],
        'expected "*" for all services, or a list of names',
      )
      .describe('`*`: all services, also those that come later.'),
  })
  .meta({ id: 'Grant', description: 'A role on some services, or on all.' });

const GrantAnswer = answer<Grant>()(
  z
    .object({ role: z.enum(roles), services: z.union([z.literal('*'), z.array(z.string())]) })
    .meta({ id: 'GrantAnswer', description: 'A role on some services, or on all (`*`).' }),
);

const grants = z.array(GrantSchema).max(50);
const name = z.string().max(60).describe(`Name: ${nameHint}.`);
/** What somebody shows. It is never part of an error, a record or a log. */
const secret = z.string().min(1).max(1_000);
const asked = {
  by: line.min(1).max(100).optional().describe('Who asks. Only with the token of the data folder.'),
  why: line.default('').describe('Why, for the record.'),
};

export const SignInBody = z.strictObject({ name: z.string().min(1).max(200), password: secret });
export const WelcomeBody = z.strictObject({
  code: z.string().min(1).max(200).describe('What stands behind `#` in the link.'),
  name: name.optional().describe('Only for the first admin: the name to have.'),
  password: secret.describe('The password to have: at least 12 characters.'),
});
export const PasswordBody = z.strictObject({ current: secret, next: secret });
export const UserBody = z.strictObject({ name, grants, ...asked });
export const UserChangeBody = z.strictObject({ grants: grants.optional(), disabled: z.boolean().optional(), ...asked });
export const LinkBody = z.strictObject(asked).optional().describe('May be left out.');
export const AskedQuery = z.strictObject(asked);
export const TokenBody = z.strictObject({
  name,
  grants,
  expiresAtMs: z
    .int()
    .min(0)
    .max(8_640_000_000_000_000)
    .nullable()
    .describe('When it ends by itself, in unix milliseconds; null: when it is revoked.'),
  ...asked,
});

/** A name or id as it stands in a path: anything; what there is not is answered with 404. */
export const UserParams = z.object({ name: z.string().max(300) });
export const TokenParams = z.object({ id: z.string().max(300) });

export const OptionsAnswer = z
  .object({
    setup: z.boolean().describe('Whether there is no user yet: the link that `rampart up` prints makes the first admin.'),
    oidc: z.object({ name: z.string(), url: z.string() }).nullable().describe('Sign-in by another provider; null: none.'),
  })
  .meta({ id: 'SignInOptions', description: 'How one can sign in.' });

export const SessionAnswer = answer<SessionView>()(
  z
    .object({
      name: z.string(),
      kind: z.enum(['owner', 'user', 'token']),
      grants: z.array(GrantAnswer),
      csrf: z.string().nullable().describe('Sent as x-rampart-csrf with every request that writes; null with a token.'),
      expiresAtMs: z.number().nullable().describe('When it ends if nothing is asked until then; null: not by itself.'),
    })
    .meta({ id: 'Session', description: 'Who asks, and what they may.' }),
);

export const UserAnswer = answer<UserView>()(
  z
    .object({
      name: z.string(),
      grants: z.array(GrantAnswer),
      disabled: z.boolean(),
      oidc: z.boolean().describe('Whether they can sign in by the other provider.'),
      addedAtMs: z.number(),
      lastSignInMs: z.number().nullable(),
      hasPassword: z.boolean(),
    })
    .meta({ id: 'User' }),
);

export const TokenAnswer = answer<TokenView>()(
  z
    .object({
      id: z.string(),
      name: z.string(),
      grants: z.array(GrantAnswer),
      by: z.string(),
      addedAtMs: z.number(),
      expiresAtMs: z.number().nullable(),
      revokedAtMs: z.number().nullable(),
      lastUsedMs: z.number().nullable(),
    })
    .meta({ id: 'Token', description: 'A service token; its secret was shown once. Times are unix milliseconds.' }),
);

export const UsersAnswer = z.object({ users: z.array(UserAnswer) }).meta({ id: 'Users' });
export const TokensAnswer = z.object({ tokens: z.array(TokenAnswer) }).meta({ id: 'Tokens' });
export const LinkAnswer = z
  .object({ link: z.string() })
  .meta({ id: 'Link', description: 'A one-time link for a password; good for 24 hours.' });
export const UserAddedAnswer = z
  .object({ user: UserAnswer, link: z.string() })
  .meta({ id: 'UserAdded', description: 'The user, and the one-time link by which they choose a password.' });
export const TokenAddedAnswer = z
  .object({ token: TokenAnswer, secret: z.string().describe('Shown this once.') })
  .meta({ id: 'TokenAdded' });
