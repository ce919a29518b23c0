import {
  type Asker,
  addTokenRefusal,
  addUserRefusal,
  changeUserRefusal,
  removeUserRefusal,
  type TokenWish,
} from '../../access/refusal.ts';
import type { AccessState, Grant, Origin, Token, User, UserFacts } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import { type Credentials, codeMs } from './credentials.ts';
import type { AccessKeeper } from './keeper.ts';
import { newId, newSecret, secretHash, tokenPrefix } from './secret.ts';

/** Who asks for a change, for the record and for what they may give. */
export type By = { readonly actor: string; readonly grants: readonly Grant[]; readonly from: Origin; readonly why: string };

/** A user as an admin sees them. */
export type UserView = Omit<User, 'oidc'> & { readonly oidc: boolean; readonly hasPassword: boolean };
export type TokenView = Token & { readonly lastUsedMs: number | null };

/** Users and service tokens: who there is, and every change. */
export class Administration {
  readonly #keeper: AccessKeeper;
  readonly #credentials: Credentials;
  readonly #now: () => number;

  constructor(keeper: AccessKeeper, credentials: Credentials, now: () => number) {
    this.#keeper = keeper;
    this.#credentials = credentials;
    this.#now = now;
  }

  get users(): readonly UserView[] {
    return [...this.#keeper.state.users.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map((user) => this.#view(user));
  }

  /** Newest first. */
  get tokens(): readonly TokenView[] {
    const tokens = [...this.#keeper.state.tokens.values()].sort((a, b) => b.addedAtMs - a.addedAtMs || (a.id < b.id ? -1 : 1));
    return tokens.map((token) => ({ ...token, lastUsedMs: this.#credentials.tokenLastUsedMs(token.id) }));
  }

  /** Adds a user, and answers with the code of the link by which they choose a password. */
  async addUser(by: By, name: string, facts: UserFacts): Promise<{ readonly user: UserView; readonly code: string }> {
    const code = newSecret(144);
    await this.#keeper.change(
      (state) => {
        refuse(addUserRefusal(state, this.#asker(by), name, facts));
        return [{ kind: 'user-added', actor: by.actor, data: { ...about(by, name), before: null, after: facts } }];
      },
      () => {
        // A damaged or older record may have left something under this name.
        this.#credentials.forgetUser(name);
        this.#credentials.addCode({ purpose: 'password', subject: name }, secretHash(code), this.#now() + codeMs);
      },
    );
    return { user: this.#view(known(this.#keeper.state, name)), code };
  }

  /** Changes what a user may, or whether they may sign in. It counts at once, also for sessions that are open. */
  async changeUser(by: By, name: string, change: Partial<UserFacts>): Promise<UserView> {
    let isOut = false;
    await this.#keeper.change(
      (state) => {
        const user = known(state, name);
        const before = factsOf(user);
        const after = { ...before, ...change };
        refuse(changeUserRefusal(state, this.#asker(by), name, after));
        isOut = after.disabled;
        if (JSON.stringify(before) === JSON.stringify(after)) return [];
        return [{ kind: 'user-changed', actor: by.actor, data: { ...about(by, name), before, after } }];
      },
      () => {
        if (!isOut) return;
        // So that a session or link of before does not come back with them.
        this.#credentials.endSessions(name, null);
        this.#credentials.forgetCodes({ purpose: 'password', subject: name });
      },
    );
    return this.#view(known(this.#keeper.state, name));
  }

  async removeUser(by: By, name: string): Promise<void> {
    await this.#keeper.change(
      (state) => {
        const before = factsOf(known(state, name));
        refuse(removeUserRefusal(state, name));
        return [{ kind: 'user-removed', actor: by.actor, data: { ...about(by, name), before, after: null } }];
      },
      () => this.#credentials.forgetUser(name),
    );
  }

  /** Makes a new one-time link for a user, for a first or a new password. Those before it are void; the password stays until then. */
  async makeLink(by: By, name: string): Promise<string> {
    const code = newSecret(144);
    await this.#keeper.change(
      (state) => {
        const user = known(state, name);
        refuse(user.disabled ? `${name} is disabled` : null);
        const facts = factsOf(user);
        const why = `a new one-time link${by.why === '' ? '' : `: ${by.why}`}`;
        return [{ kind: 'user-changed', actor: by.actor, data: { ...about(by, name), why, before: facts, after: facts } }];
      },
      () => this.#credentials.addCode({ purpose: 'password', subject: name }, secretHash(code), this.#now() + codeMs),
    );
    return code;
  }

  /** Makes the link of the first admin, which takes the place of every one before; null once there is a user. */
  makeSetupCode(): string | null {
    const setup = { purpose: 'setup', subject: '' } as const;
    this.#credentials.forgetCodes(setup);
    if (this.#keeper.state.users.size > 0) return null;
    const code = newSecret(144);
    this.#credentials.addCode(setup, secretHash(code), this.#now() + codeMs);
    return code;
  }

  /** Makes a service token. Its secret is in the answer and nowhere else. */
  async addToken(by: By, wish: TokenWish): Promise<{ readonly token: TokenView; readonly secret: string }> {
    const id = newId('t');
    const secret = `${tokenPrefix}${newSecret(256)}`;
    await this.#keeper.change(
      (state, atMs) => {
        refuse(addTokenRefusal(state, this.#asker(by), wish, atMs));
        return [{ kind: 'token-added', actor: by.actor, data: { ...about(by, id), before: null, after: wish } }];
      },
      () => this.#credentials.addToken(id, secretHash(secret)),
    );
    return { token: this.#tokenView(id), secret };
  }

  /** Ends a token at once. Safe to repeat. */
  async revokeToken(by: By, id: string): Promise<void> {
    await this.#keeper.change(
      (state) => {
        const token = state.tokens.get(id);
        if (!token)
          throw new UserError('E_UNKNOWN_TOKEN', `there is no token ${id}`, { where: 'token', fix: 'see `rampart tokens list`' });
        if (token.revokedAtMs !== null) return [];
        const { name, grants, expiresAtMs } = token;
        const before = { name, grants, expiresAtMs };
        return [{ kind: 'token-revoked', actor: by.actor, data: { ...about(by, id), before, after: null } }];
      },
      () => this.#credentials.forgetToken(id),
    );
  }

  #asker({ grants, from }: By): Asker {
    const token = from.via === 'token' && from.credential !== null ? this.#keeper.state.tokens.get(from.credential) : undefined;
    return { grants, untilMs: token?.expiresAtMs ?? null };
  }

  #view({ oidc, ...user }: User): UserView {
    return { ...user, oidc: oidc !== null, hasPassword: this.#credentials.verifier(user.name) !== null };
  }

  #tokenView(id: string): TokenView {
    const token = this.#keeper.state.tokens.get(id);
    if (!token) throw new Error(`the token ${id} has just been made`);
    return { ...token, lastUsedMs: null };
  }
}

function about({ from, why }: By, subject: string) {
  return { subject, from, why };
}

function factsOf({ grants, disabled, oidc }: User): UserFacts {
  return { grants, disabled, oidc };
}

function known(state: AccessState, name: string): User {
  const user = state.users.get(name);
  if (user) return user;
  throw new UserError('E_UNKNOWN_USER', `there is no user ${name}`, { where: 'user', fix: 'see `rampart users list`' });
}

function refuse(why: string | null): void {
  if (why !== null)
    throw new UserError('E_REFUSED', why, { where: 'access', fix: 'docs/guides/access.md says what is possible' });
}
