import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Passwords } from './password.ts';

/** Cheap, so that the tests are quick; what they are about does not depend on it. */
const cheap = { ln: 10, r: 8, p: 1 };

test('a verifier knows its password, and no other', async () => {
  const passwords = new Passwords(cheap);
  const verifier = await passwords.verifierOf('four words in a row');
  assert.match(verifier, /^\$scrypt\$ln=10,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.notEqual(await passwords.verifierOf('four words in a row'), verifier, 'each has a salt of its own');
  assert.deepEqual(await passwords.check('four words in a row', verifier), { ok: true, renewed: null });
  for (const wrong of ['four words in a ro', 'Four words in a row', '', 'four words in a row '])
    assert.equal((await passwords.check(wrong, verifier)).ok, false, wrong);
});

test('the same characters are the same password, in whatever bytes a keyboard sends them', async () => {
  const passwords = new Passwords(cheap);
  const verifier = await passwords.verifierOf('caf\u00e9 au lait 4711');
  assert.equal((await passwords.check('cafe\u0301 au lait 4711', verifier)).ok, true);
});

test('without a verifier, or with one that is none, everything is wrong', async () => {
  const passwords = new Passwords(cheap);
  for (const verifier of [null, '', 'four words in a row', '$scrypt$ln=10,r=8,p=1$$', '$2b$10$abc'])
    assert.deepEqual(await passwords.check('four words in a row', verifier), { ok: false, renewed: null });
});

test('a cheaper verifier is renewed at the cost of today, once its password is known', async () => {
  const verifier = await new Passwords(cheap).verifierOf('four words in a row');
  const today = new Passwords({ ...cheap, ln: 11 });
  assert.deepEqual(await today.check('wrong', verifier), { ok: false, renewed: null });
  const { ok, renewed } = await today.check('four words in a row', verifier);
  assert.equal(ok, true);
  assert.match(renewed ?? '', /^\$scrypt\$ln=11,/);
  assert.deepEqual(await today.check('four words in a row', renewed), { ok: true, renewed: null });
});

test('the cost of today is what OWASP asks for at least, and an unknown name costs as much as a known one', async () => {
  const passwords = new Passwords();
  const verifier = await passwords.verifierOf('four words in a row');
  assert.match(verifier, /^\$scrypt\$ln=15,r=8,p=3\$/);
  await passwords.check('warm up', null);
  // Processor time, not time: what else the machine does makes the one that it meets slower.
  const workOf = async (given: string | null): Promise<number> => {
    const began = process.cpuUsage();
    await passwords.check('a wrong password', given);
    const { user, system } = process.cpuUsage(began);
    return user + system;
  };
  const known: number[] = [];
  const unknown: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    known.push(await workOf(verifier));
    unknown.push(await workOf(null));
  }
  const ratio = Math.min(...unknown) / Math.min(...known);
  assert(ratio > 0.6 && ratio < 1.7, `${ratio}`);
});

test('more at once than may wait are sent away, and the others get their turn', async () => {
  const passwords = new Passwords(cheap);
  const verifier = await passwords.verifierOf('four words in a row');
  await passwords.check('', null);
  const all = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.check('four words in a row', verifier)));
  const good = all.filter((one) => one.status === 'fulfilled' && one.value.ok).length;
  assert.equal(good, 42);
  assert.equal((await passwords.check('four words in a row', verifier)).ok, true);
});
