import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RedisConfig } from './schema.ts';
import { redisTarget } from './target.ts';

const targetOf = (url: string, more = {}) =>
  redisTarget(RedisConfig.parse({ connection: { url: { env: 'REDIS_URL' }, ...more } }).connection, {
    secret: () => url,
    folder: '/shop',
  });

test('an address is read as its users write it', () => {
  const plain = { host: 'cache', port: 6_379, db: 0, user: null, password: null, tls: null };
  assert.deepEqual(targetOf('redis://cache'), plain);
  assert.deepEqual(targetOf('redis://:p%40w@[::1]:6380/2'), { ...plain, host: '::1', port: 6_380, db: 2, password: 'p@w' });
  assert.deepEqual(targetOf('valkey://shop:x@cache/?db=3'), { ...plain, db: 3, user: 'shop', password: 'x' });
});

test('an address is encrypted by its scheme, or by tls beside it', () => {
  const tls = { ca: null, serverName: null, insecure: false };
  assert.deepEqual(targetOf('rediss://cache').tls, tls);
  assert.deepEqual(targetOf('valkeys://cache').tls, tls);
  assert.deepEqual(targetOf('redis://cache', { tls: { ca: 'ca.pem' } }).tls, { ...tls, ca: '/shop/ca.pem' });
});
