import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../errors.ts';
import { postgresPlace } from '../spec/postgres.ts';
import { postgresTarget, targetText } from './postgres-target.ts';

const targetOf = (url: string) =>
  postgresTarget(postgresPlace.parse({ url: { env: 'DATABASE_URL' } }), { secret: () => url, folder: '/shop', environment: {} });

test('an address of a database is read as its users write it', () => {
  assert.deepEqual(targetOf('postgresql+asyncpg://shop%40eu:p%2Fw@db.internal:6432/orders?ssl=require'), {
    host: 'db.internal',
    port: 6_432,
    database: 'orders',
    user: 'shop@eu',
    password: 'p/w',
    sslmode: 'require',
    ca: null,
    programs: null,
  });
  const socket = targetOf('postgres://shop@/orders?host=/run/postgresql');
  assert.deepEqual([socket.host, socket.password, targetText(socket)], ['/run/postgresql', null, '/run/postgresql/orders']);
});

for (const text of [
  'mysql://shop:hunter2@db/orders',
  'hunter2',
  'postgres://shop:hunter2%@db/orders',
  'postgres://:hunter2@db/orders',
])
  test(`what is no address is refused without its text: ${text}`, () => {
    assert.throws(
      () => targetOf(text),
      (error) => error instanceof UserError && error.code === 'E_CHECK_CONNECTION' && !error.message.includes('hunter2'),
    );
  });

test('its parts are taken as they are, and a file of authorities lies in the folder of the document', () => {
  const place = postgresPlace.parse({ host: 'db', database: 'orders', user: 'shop', ca: 'certs/ca.pem', sslmode: 'verify-full' });
  const target = postgresTarget(place, { secret: () => '', folder: '/shop', environment: { PGPASSWORD: 'x' } });
  assert.deepEqual([target.ca, target.password, target.port], ['/shop/certs/ca.pem', 'x', 5_432]);
});
