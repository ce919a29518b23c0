import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../errors.ts';
import type { EventLog } from '../../stores/log.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { Administration, type By } from './administration.ts';
import { openCredentials, sessionLimits } from './credentials.ts';
import { AccessKeeper } from './keeper.ts';
import { Passwords } from './password.ts';
import { admin } from './server.fixture.ts';
import { SignIn } from './sign-in.ts';

const by: By = { actor: 'tess', grants: [admin], from: { address: '127.0.0.1', via: 'owner', credential: null }, why: '' };
const facts = { grants: [admin], disabled: false, oidc: null };

/** A log whose disk can be full: then it stores nothing, or stores and does not say so. */
function failing(log: EventLog): EventLog & { fault: 'none' | 'before' | 'after' } {
  const faulty = {
    ...log,
    fault: 'none' as 'none' | 'before' | 'after',
    async append(...args: Parameters<EventLog['append']>) {
      const full = new UserError('E_LOG_FULL', 'no space left', { where: 'log', fix: 'make room' });
      if (faulty.fault === 'before') throw full;
      const results = await log.append(...args);
      if (faulty.fault === 'after') throw full;
      return results;
    },
  };
  return faulty;
}

async function opened() {
  const log = failing(openMemoryLog());
  const token = await log.claim('tests');
  let atMs = 1_000;
  const now = () => (atMs += 1);
  const keeper = await AccessKeeper.open(log, token, now);
  const { credentials } = openCredentials(':memory:');
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  const passwords = new Passwords({ ln: 10, r: 8, p: 1 });
  const signIn = new SignIn({ keeper, credentials, passwords, sessions: sessionLimits, now, warn });
  return { log, token, now, keeper, credentials, warnings, signIn, administration: new Administration(keeper, credentials, now) };
}

test('while the log cannot be written nothing changes, and afterwards everything can', async () => {
  const { log, keeper, signIn, administration, credentials, warnings } = await opened();
  const { code } = await administration.addUser(by, 'anna', facts);
  const { token } = await administration.addToken(by, { name: 'ci', grants: [], expiresAtMs: null });
  log.fault = 'before';
  const before = keeper.state;
  const failing = { code: 'E_LOG_FAILING' };
  await assert.rejects(administration.addUser(by, 'boris', facts), failing);
  await assert.rejects(administration.changeUser(by, 'anna', { oidc: 'x' }), failing);
  await assert.rejects(administration.addToken(by, { name: 'cd', grants: [], expiresAtMs: null }), failing);
  await assert.rejects(administration.revokeToken(by, token.id), failing);
  await assert.rejects(administration.makeLink(by, 'anna'), failing);
  await assert.rejects(signIn.welcome(code, undefined, 'four words in a row', 'here'), failing);
  await assert.rejects(signIn.byPassword('anna', 'four words in a row', 'here'), { code: 'E_SIGN_IN_REFUSED' });
  assert.match(warnings.join(), /a refused sign-in is not on record: .*no space left/);
  assert.equal(keeper.state, before);
  assert.equal(credentials.verifier('anna'), null);
  log.fault = 'none';
  // The link was not used up by the try that failed.
  await signIn.welcome(code, undefined, 'four words in a row', 'here');
  await signIn.byPassword('anna', 'four words in a row', 'here');
  await assert.rejects(signIn.welcome(code, undefined, 'four words in a row', 'here'), { code: 'E_LINK_VOID' });
});

test('what the log has stored without saying so is found before the next change', async () => {
  const { log, keeper, administration } = await opened();
  await administration.addUser(by, 'anna', facts);
  log.fault = 'after';
  await assert.rejects(administration.addUser(by, 'boris', facts), { code: 'E_LOG_FAILING' });
  log.fault = 'none';
  await assert.rejects(administration.addUser(by, 'boris', facts), {
    code: 'E_REFUSED',
    message: 'there is a user boris already',
  });
  assert.deepEqual([...keeper.state.users.keys()], ['anna', 'boris']);
});

test('changes at once are made one after the other, each on what the one before has left', async () => {
  const { keeper, administration } = await opened();
  await administration.addUser(by, 'anna', facts);
  await administration.addUser(by, 'boris', facts);
  const both = await Promise.allSettled(['anna', 'boris'].map((name) => administration.removeUser(by, name)));
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  assert.equal(keeper.state.users.size, 1);
});

test('the next controller folds the same, and the one before changes nobody any more', async () => {
  const { log, keeper, administration, now } = await opened();
  await administration.addUser(by, 'anna', facts);
  const { token } = await administration.addToken(by, { name: 'ci', grants: [], expiresAtMs: null });
  await administration.revokeToken(by, token.id);
  // Written by a newer version: it says nothing about who has access.
  const strange = { at: 1, kind: 'greeted', release: null, actor: 'anna', data: {} };
  const next = await log.claim('next');
  await log.append(next, [{ stream: 'access', expectedVersion: 3, events: [strange] }]);
  const other = await AccessKeeper.open(log, next, now);
  assert.deepEqual(other.state, keeper.state);
  await assert.rejects(administration.addUser(by, 'boris', facts), { code: 'E_STOPPED' });
});
