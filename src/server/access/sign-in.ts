import { passwordRefusal } from '../../access/password-rule.ts';
import { addUserRefusal } from '../../access/refusal.ts';
import type { AccessState, Grant, Origin } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import { TooMany } from '../too-many.ts';
import type { Code, Credentials, Session, SessionLimits, StoredCode } from './credentials.ts';
import type { AccessEntry, AccessKeeper } from './keeper.ts';
import type { Passwords } from './password.ts';
import { RefusedSignIns } from './refused-sign-ins.ts';
import { newId, newSecret, secretHash } from './secret.ts';
import { Tries } from './tries.ts';

/** A session that has just been made: its secret goes into the cookie and is known nowhere else. */
export type NewSession = { readonly session: Session; readonly secret: string; readonly expiresAtMs: number };

/** Tries in a minute; for a person who mistypes plenty, for a program that guesses nothing. */
const triesByName = 10;
const triesByAddress = 30;

const everything: readonly Grant[] = [{ role: 'admin', services: '*' }];

/** How people come in and go: passwords, one-time links, sessions. */
export class SignIn {
  readonly #keeper: AccessKeeper;
  readonly #credentials: Credentials;
  readonly #passwords: Passwords;
  readonly #sessions: SessionLimits;
  readonly #now: () => number;
  readonly #byName = new Tries(triesByName);
  readonly #byAddress = new Tries(triesByAddress);
  readonly refused: RefusedSignIns;

  constructor(options: {
    readonly keeper: AccessKeeper;
    readonly credentials: Credentials;
    readonly passwords: Passwords;
    readonly sessions: SessionLimits;
    /** Unix milliseconds. */
    readonly now: () => number;
    readonly warn: (text: string) => void;
  }) {
    this.#keeper = options.keeper;
    this.#credentials = options.credentials;
    this.#passwords = options.passwords;
    this.#sessions = options.sessions;
    this.#now = options.now;
    this.refused = new RefusedSignIns(options.keeper, options.warn);
  }

  /**
   * Signs a user in by name and password. A wrong name, a wrong password and a disabled user are all answered the same, in the same time.
   *
   * @throws UserError `E_SIGN_IN_REFUSED`; `TooMany`.
   */
  async byPassword(name: string, password: string, address: string): Promise<NewSession> {
    await this.assertFewTries(name, address);
    const verifier = this.#credentials.verifier(name);
    const { ok, renewed } = await this.#passwords.check(password, verifier);
    const user = this.#keeper.state.users.get(name);
    if (!ok || !user || user.disabled) {
      // A name that nobody has may be a password in the wrong field: it is not put on record.
      await this.refused.take({ subject: user ? name : 'unknown', address, reason: 'wrong name or password' });
      throw new UserError('E_SIGN_IN_REFUSED', 'this is not the name and password of a user who may sign in', {
        where: 'sign-in',
        fix: 'check both; an admin can send you a link for a new password',
      });
    }
    this.#byName.giveBack(name);
    this.#byAddress.giveBack(address);
    const made = await this.as(name, 'password', address);
    // Unless somebody has set another password meanwhile.
    if (renewed !== null && this.#credentials.verifier(name) === verifier) this.#credentials.setVerifier(name, renewed);
    return made;
  }

  /**
   * Makes a session for a user who has proven by `method` who they are, and records it.
   *
   * @throws UserError `E_SIGN_IN_REFUSED` when there is no such user, or they are disabled.
   */
  async as(name: string, method: 'password' | 'oidc', address: string): Promise<NewSession> {
    const made = this.#newSession(name);
    await this.#keeper.change(
      (state) => {
        const user = state.users.get(name);
        if (!user || user.disabled)
          throw new UserError('E_SIGN_IN_REFUSED', `${name} may not sign in`, { where: 'sign-in', fix: 'ask an admin' });
        return [signedIn(made.session, method, address)];
      },
      () => this.#credentials.addSession(made.session, secretHash(made.secret)),
    );
    return made;
  }

  /** The user that a one-time link is for; null for the first admin, who still chooses a name. */
  linkFor(code: string): Code | null {
    return this.#credentials.code(secretHash(code), this.#now());
  }

  /**
   * Sets the password that a one-time link asks for, and signs in. For the first admin it also makes the user.
   *
   * @param name - Chosen by the first admin; others have one.
   * @throws UserError `E_LINK_VOID` when it was used, has expired or never was; `E_REFUSED`; `TooMany`.
   */
  async welcome(code: string, name: string | undefined, password: string, address: string): Promise<NewSession> {
    await this.assertFewTries(null, address);
    const hash = secretHash(code);
    const found = this.#credentials.code(hash, this.#now());
    if (!found) {
      await this.refused.take({ subject: 'unknown', address, reason: 'a link that is not good' });
      throw linkVoid();
    }
    const subject = found.purpose === 'setup' ? (name ?? '') : found.subject;
    if (found.purpose !== 'setup' && name !== undefined && name !== subject)
      throw refusal(`this link is for ${subject}`, 'leave `name` out');
    const weak = passwordRefusal(subject, password);
    if (weak !== null) throw refusal(weak, 'choose another password; a few words in a row are a good one');
    const verifier = await this.#passwords.verifierOf(password);
    const made = this.#newSession(subject);
    const from: Origin = { address, via: 'session', credential: made.session.id };
    let taken: StoredCode | null = null;
    try {
      await this.#keeper.change(
        (state, atMs) => {
          const entries = [
            ...(found.purpose === 'setup' ? [firstAdmin(state, subject, from)] : []),
            passwordSet(subject, subject, from, 'by a one-time link'),
            signedIn(made.session, 'link', address),
          ];
          const user = state.users.get(subject);
          if (found.purpose === 'password' && (!user || user.disabled)) throw linkVoid();
          // Last, when nothing can be refused any more: only one of many that try at once gets it.
          taken = this.#credentials.takeCode(hash, atMs);
          if (!taken) throw linkVoid();
          return entries;
        },
        () => {
          this.#credentials.setVerifier(subject, verifier);
          taken = null;
          // Whoever knew the old password is out.
          this.#credentials.endSessions(subject, null);
          this.#credentials.addSession(made.session, secretHash(made.secret));
        },
      );
    } catch (error) {
      // It could not be written, so there is no new password: the link is good for another try.
      if (taken) this.#restore(taken, hash);
      throw error;
    }
    this.#byAddress.giveBack(address);
    return made;
  }

  /** Ends a session, and records it. */
  async out(session: Session, address: string): Promise<void> {
    const from: Origin = { address, via: 'session', credential: session.id };
    const data = { subject: session.user, from, why: '', before: null, after: null };
    await this.#keeper.change(
      () => [{ kind: 'signed-out', actor: session.user, data }],
      () => this.#credentials.endSession(session.id),
    );
  }

  /**
   * Changes the password of somebody who is signed in, and ends their other sessions.
   *
   * @throws UserError `E_SIGN_IN_REFUSED` when `current` is wrong; `E_REFUSED`; `TooMany`.
   */
  async changePassword(name: string, current: string, next: string, from: Origin): Promise<void> {
    await this.assertFewTries(name, from.address);
    const { ok } = await this.#passwords.check(current, this.#credentials.verifier(name));
    if (!ok) {
      await this.refused.take({ subject: name, address: from.address, reason: 'wrong current password' });
      throw new UserError('E_FORBIDDEN', 'this is not your current password', { where: 'current', fix: 'check it' });
    }
    const weak = passwordRefusal(name, next);
    if (weak !== null) throw refusal(weak, 'choose another password; a few words in a row are a good one');
    const verifier = await this.#passwords.verifierOf(next);
    await this.#keeper.change(
      () => [passwordSet(name, name, from, 'changed by its owner')],
      () => {
        this.#credentials.setVerifier(name, verifier);
        this.#credentials.endSessions(name, from.credential);
        this.#credentials.forgetCodes({ purpose: 'password', subject: name });
      },
    );
    this.#byName.giveBack(name);
    this.#byAddress.giveBack(from.address);
  }

  /** Takes the last tries of an address back: it has shown who it is. */
  giveBackTries(address: string, count: number): void {
    for (let given = 0; given < count; given += 1) this.#byAddress.giveBack(address);
  }

  #restore(code: StoredCode, hash: string): void {
    try {
      this.#credentials.addCode(code, hash, code.untilMs);
    } catch {
      // The error that led here is the one to show.
    }
  }

  #newSession(user: string): NewSession {
    const atMs = this.#now();
    const session: Session = { id: newId('s'), user, createdAtMs: atMs, lastSeenMs: atMs };
    return { session, secret: newSecret(256), expiresAtMs: atMs + Math.min(this.#sessions.idleMs, this.#sessions.maxMs) };
  }

  /**
   * Counts a try.
   *
   * @param name - null: it is for nobody yet, as at another provider.
   * @throws TooMany
   */
  async assertFewTries(name: string | null, address: string): Promise<void> {
    const atMs = this.#now();
    const waitMs = this.#byAddress.take(address, atMs) ?? (name === null ? null : this.#byName.take(name, atMs));
    if (waitMs === null) return;
    const subject = name !== null && this.#keeper.state.users.has(name) ? name : 'unknown';
    await this.refused.take({ subject, address, reason: 'too many tries' });
    throw new TooMany('too many tries', 'sign-in', Math.ceil(waitMs / 1_000));
  }
}

function signedIn(session: Session, method: 'password' | 'link' | 'oidc', address: string): AccessEntry {
  const from: Origin = { address, via: 'session', credential: session.id };
  return {
    kind: 'signed-in',
    actor: session.user,
    data: { subject: session.user, from, why: '', before: null, after: { method } },
  };
}

function passwordSet(actor: string, subject: string, from: Origin, why: string): AccessEntry {
  return { kind: 'password-set', actor, data: { subject, from, why, before: null, after: null } };
}

function firstAdmin(state: AccessState, name: string, from: Origin): AccessEntry {
  // The link is void as soon as there is a user, however they came to be.
  if (state.users.size > 0) throw linkVoid();
  const after = { grants: everything, disabled: false, oidc: null };
  const why = addUserRefusal(state, { grants: everything, untilMs: null }, name, after);
  if (why !== null) throw refusal(why, 'choose another name');
  return { kind: 'user-added', actor: name, data: { subject: name, from, why: 'the first admin', before: null, after } };
}

function refusal(what: string, fix: string): UserError {
  return new UserError('E_REFUSED', what, { where: 'sign-in', fix });
}

function linkVoid(): UserError {
  return new UserError('E_LINK_VOID', 'this link was used, has expired or was replaced by a newer one', {
    where: 'link',
    fix: 'ask an admin for a new one (`rampart users link NAME`); that of the first admin is printed anew when `rampart up` starts',
  });
}
