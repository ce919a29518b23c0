import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Nginx, type NginxSettings, nginxProgram } from '../../../test/programs/nginx.ts';
import type { RouterUnderTest } from '../conformance.ts';
import type { RouterContext, TrafficRouter } from '../router.ts';
import { rejects, soon } from '../users.fixture.ts';
import { includeSeen } from './include-text.ts';
import { nginx } from './index.ts';
import { NginxConfig } from './schema.ts';

export const program = await nginxProgram();

/** A router with the nginx that it drives. */
export type NginxUnderTest = RouterUnderTest & {
  readonly server: Nginx;
  readonly config: NginxConfig;
  /** Path of the status location in Rampart's file as it is now. */
  key(): string;
  /** Another client, with other words in its configuration. */
  other(changed: Readonly<Record<string, unknown>>): TrafficRouter;
};

/** A running nginx of a user's with Rampart's file in it, opened; gone when the test ends. */
export async function makeNginx(
  t: TestContext,
  mode: 'reload' | 'lua',
  context: Partial<RouterContext> = {},
  settings: NginxSettings = {},
): Promise<NginxUnderTest> {
  assert('path' in program);
  const server = await Nginx.make(program.path, 'rampart_checkout');
  t.after(() => server.close());
  server.configure(settings);
  const words = {
    include: server.include,
    log: server.log,
    status: server.status,
    mode,
    test: server.command('-t'),
    reload: server.command('-s', 'reload'),
  };
  const config = NginxConfig.parse(words);
  const other = (changed: Readonly<Record<string, unknown>>) =>
    nginx.create(NginxConfig.parse({ ...words, ...changed }), {
      service: 'checkout',
      folder: join(server.folder, 'rampart'),
      edgesMs: [],
      leaseMs: 60_000,
      ...context,
    });
  const router = other({});
  // The first opening writes the file that nginx is to include, and says that nobody serves it yet.
  await rejects(router.open(soon()), 'E_ROUTER_UNREACHABLE');
  await server.up();
  await router.open(soon());
  return {
    server,
    router,
    config,
    key: () => includeSeen(readFileSync(server.include, 'utf8'))?.key ?? '',
    other,
    address: async () => ({ host: '127.0.0.1', port: server.port }),
    again: () => other({}),
    hang: async (signal) => server.signal(signal),
    stop: () => server.crash(),
    start: () => server.up(),
    async tamper(weight) {
      const text = readFileSync(server.include, 'utf8');
      const weights = [100 - weight, weight];
      const changed =
        mode === 'lua'
          ? text.replaceAll(/^weight .*$/gm, `weight ${weight}`)
          : text.replaceAll(/ weight=\d+/g, () => ` weight=${weights.shift()}`);
      assert.notEqual(changed, text);
      writeFileSync(server.include, changed);
      await server.reload();
    },
  };
}
