/** What somebody may do with the services of a grant; `can` says what follows from each. */
export type Role = 'viewer' | 'reporter' | 'operator' | 'approver' | 'admin';

export const roles = ['viewer', 'reporter', 'operator', 'approver', 'admin'] as const satisfies readonly Role[];

/** A role on some services, or on all of them, also those that come later. */
export type Grant = { readonly role: Role; readonly services: '*' | readonly string[] };

/**
 * What a request may need. `steer` is pause, resume, promote and retry; `abort` is abort; `release` starts a release, and a
 * rollback to an earlier version; `report` tells how users of a flag fare; `administer` is users, tokens, settings and their audit.
 */
export type Permission = 'read' | 'report' | 'release' | 'steer' | 'abort' | 'approve' | 'administer';

/** From where something was asked, for the record. */
export type Origin = {
  /** The address of the connection, as the server sees it. */
  readonly address: string;
  readonly via: 'owner' | 'session' | 'token';
  /** The id of the session or token that was shown, never its secret; null for the owner of the data folder. */
  readonly credential: string | null;
};

/** Somebody who signs in with a password or through OIDC. Names are unique for ever: a removed one is not given again. */
export type User = {
  /** What the record calls them: 1–60 small letters, digits and `. _ - @`. */
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly disabled: boolean;
  /** The subject by which the OIDC provider knows them; null: they sign in with a password only. */
  readonly oidc: string | null;
  readonly addedAtMs: number;
  readonly lastSignInMs: number | null;
};

/** A service token, as everybody with `administer` may see it: the secret is shown once and stored only as a hash. */
export type Token = {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Who made it. */
  readonly by: string;
  readonly addedAtMs: number;
  /** null: until it is revoked. */
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
};

/** All that the stream `access` says: the fold of its events. */
export type AccessState = {
  readonly users: ReadonlyMap<string, User>;
  /** By id; also those that have expired or were revoked. */
  readonly tokens: ReadonlyMap<string, Token>;
  /** Names of users that were removed: they stay in the record, so nobody else may take them. */
  readonly removed: ReadonlySet<string>;
};

/**
 * What the stream `access` of the log records. Never a password, a verifier, a token or a link: those (as hashes) lie in
 * `access.db`.
 */
export type AccessEvent =
  | { readonly kind: 'user-added'; readonly data: AccessData<null, UserFacts> }
  | { readonly kind: 'user-changed'; readonly data: AccessData<UserFacts, UserFacts> }
  | { readonly kind: 'user-removed'; readonly data: AccessData<UserFacts, null> }
  | { readonly kind: 'password-set'; readonly data: AccessData<null, null> }
  | { readonly kind: 'signed-in'; readonly data: AccessData<null, { readonly method: 'password' | 'link' | 'oidc' }> }
  | {
      readonly kind: 'sign-in-refused';
      /** `count`: how many tries this stands for; more than 1 once the tries came faster than they are recorded one by one. */
      readonly data: AccessData<null, { readonly reason: string; readonly count: number }>;
    }
  | { readonly kind: 'signed-out'; readonly data: AccessData<null, null> }
  | { readonly kind: 'token-added'; readonly data: AccessData<null, TokenFacts> }
  | { readonly kind: 'token-revoked'; readonly data: AccessData<TokenFacts, null> }
  | { readonly kind: 'configured'; readonly data: AccessData<unknown, unknown> };

/** The events of the stream `access`, with when and by whom, as the log holds them. */
export type AccessRecord = AccessEvent & { readonly at: number; readonly actor: string };

export type AccessData<Before, After> = {
  /** Whom or what it is about: a user's name, a token's id, the name of a setting. */
  readonly subject: string;
  readonly from: Origin;
  readonly why: string;
  readonly before: Before;
  readonly after: After;
};

/** What a change of a user may change. */
export type UserFacts = { readonly grants: readonly Grant[]; readonly disabled: boolean; readonly oidc: string | null };

export type TokenFacts = { readonly name: string; readonly grants: readonly Grant[]; readonly expiresAtMs: number | null };
