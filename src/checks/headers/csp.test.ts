import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies, scriptSources, unsafeSources } from './csp.ts';

test('what lets a stranger’s script run', () => {
  const cases: readonly (readonly [header: string, unsafe: readonly string[] | undefined])[] = [
    ["default-src 'self'", []],
    ["default-src 'none'; script-src 'self' 'UNSAFE-INLINE'", ["'unsafe-inline'"]],
    ["script-src 'unsafe-inline' 'nonce-abc'", []],
    ["script-src 'unsafe-inline' 'sha256-abc='", []],
    ["script-src 'nonce-abc' 'strict-dynamic' https: 'unsafe-inline'", []],
    ['script-src https: data:', ['https:', 'data:']],
    ["script-src 'self' 'unsafe-eval'", ["'unsafe-eval'"]],
    // The first one of a name counts.
    ["script-src 'self'; script-src *", []],
    ["img-src 'self'", undefined],
  ];
  for (const [header, unsafe] of cases) {
    const [policy] = policies(header);
    assert(policy);
    const sources = scriptSources(policy);
    assert.deepEqual(sources && unsafeSources(sources), unsafe, header);
  }
  assert.equal(policies("default-src 'self', script-src 'none'").length, 2);
  assert.equal(policies(' ; ').length, 0);
});
