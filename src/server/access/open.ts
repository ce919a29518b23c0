import type { EventLog } from '../../stores/log.ts';
import { Administration } from './administration.ts';
import { type AccessAuthenticator, accessAuthenticator } from './authenticator.ts';
import { type Credentials, openCredentials, type SessionLimits } from './credentials.ts';
import { AccessKeeper } from './keeper.ts';
import { type Cost, Passwords } from './password.ts';
import { SignIn } from './sign-in.ts';

/** Everything that decides who may do what on one controller. */
export type Access = {
  readonly keeper: AccessKeeper;
  readonly credentials: Credentials;
  readonly signIn: SignIn;
  readonly administration: Administration;
  readonly authenticator: AccessAuthenticator;
  /** Address of the console that links are made with, without a slash at its end; known once the server listens. */
  baseUrl(): string;
  /** Whether the session's cookie is for https only. */
  readonly isSecure: boolean;
  readonly sessions: SessionLimits;
  readonly origins: readonly string[];
  /** Puts on record what was only counted, and closes the file. The log has to be open still. */
  close(): Promise<void>;
};

export type AccessOptions = {
  readonly log: EventLog;
  /** The controller's token of the log. */
  readonly token: number;
  /** The secret in the data folder. */
  readonly ownerToken: string;
  /** Path of `access.db`. */
  readonly file: string;
  /** Where people reach the console when that is not where it listens, such as `https://rampart.example`; null: where it listens. */
  readonly publicUrl: string | null;
  /** When sessions end. */
  readonly sessions: SessionLimits;
  /** Where it listens; asked once it does. */
  readonly listensAt: () => string;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly warn: (text: string) => void;
  /** What a password's verifier costs; left out: as much as today's machines ask for. */
  readonly passwordCost?: Cost;
};

/**
 * Opens who has access: folds the stream, opens the secrets, and says when some are missing.
 *
 * @throws UserError `E_ACCESS_STORE`, `E_LOG_…`.
 */
export async function openAccess(options: AccessOptions): Promise<Access> {
  const { log, token, ownerToken, file, publicUrl, sessions, listensAt, now, warn } = options;
  const keeper = await AccessKeeper.open(log, token, now);
  const { credentials, found } = openCredentials(file, sessions, now);
  const lost = keeper.state.users.size + keeper.state.tokens.size;
  if (found !== 'whole' && (found !== 'missing' || lost > 0)) {
    const what = found === 'missing' ? `${file} is missing` : `${file} was damaged, and is now ${found.putAside}`;
    warn(
      `${what}: nobody can sign in and no service token is good; make new links with \`rampart users link NAME\` and new tokens ` +
        'with `rampart tokens add NAME`, or stop and put a copy of the file back',
    );
  }
  const shared = { keeper, credentials, sessions, now, warn };
  const origins = publicUrl === null ? [] : [new URL(publicUrl).origin];
  const signIn = new SignIn({ ...shared, passwords: new Passwords(options.passwordCost) });
  return {
    keeper,
    credentials,
    signIn,
    administration: new Administration(keeper, credentials, now),
    authenticator: accessAuthenticator({ ...shared, ownerToken, origins }),
    baseUrl: () => (publicUrl ?? listensAt()).replace(/\/+$/, ''),
    sessions,
    isSecure: publicUrl?.startsWith('https:') ?? false,
    origins,
    async close() {
      await signIn.refused.flush();
      credentials.close();
    },
  };
}

/** The link that a one-time code is given out as. It is in the fragment, which a browser sends to nobody, so no log ever has it. */
export function linkOf(access: Access, code: string): string {
  return `${access.baseUrl()}/welcome#${code}`;
}
