import type { AccessRecord, AccessState, Token, User } from './types.ts';

/** Nobody has access but the owner of the data folder. */
export const nobodyYet: AccessState = { users: new Map(), tokens: new Map(), removed: new Set() };

/** Who has access after an event. Pure: the state is a fold over the stream `access`. */
export function takeAccess(state: AccessState, event: AccessRecord): AccessState {
  const { subject } = event.data;
  switch (event.kind) {
    case 'user-added': {
      const user: User = { name: subject, ...event.data.after, addedAtMs: event.at, lastSignInMs: null };
      return { ...state, users: withEntry(state.users, subject, user) };
    }
    case 'user-changed':
      return changeUser(state, subject, event.data.after);
    case 'user-removed': {
      const users = new Map(state.users);
      users.delete(subject);
      return { ...state, users, removed: new Set([...state.removed, subject]) };
    }
    case 'signed-in':
      return changeUser(state, subject, { lastSignInMs: event.at });
    case 'token-added': {
      const token: Token = { id: subject, ...event.data.after, by: event.actor, addedAtMs: event.at, revokedAtMs: null };
      return { ...state, tokens: withEntry(state.tokens, subject, token) };
    }
    case 'token-revoked': {
      const token = state.tokens.get(subject);
      if (!token) return state;
      return { ...state, tokens: withEntry(state.tokens, subject, { ...token, revokedAtMs: token.revokedAtMs ?? event.at }) };
    }
    case 'password-set':
    case 'sign-in-refused':
    case 'signed-out':
    case 'configured':
      return state;
  }
}

/** Whether a token is good at this time (unix milliseconds). */
export function isGood({ expiresAtMs, revokedAtMs }: Token, atMs: number): boolean {
  return revokedAtMs === null && (expiresAtMs === null || atMs < expiresAtMs);
}

function changeUser(state: AccessState, name: string, change: Partial<User>): AccessState {
  const user = state.users.get(name);
  return user ? { ...state, users: withEntry(state.users, name, { ...user, ...change }) } : state;
}

function withEntry<Value>(map: ReadonlyMap<string, Value>, key: string, value: Value): ReadonlyMap<string, Value> {
  return new Map(map).set(key, value);
}
