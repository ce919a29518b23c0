import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { checkConformance, contextFor } from '../conformance.ts';
import { tcp } from './index.ts';

async function listening(t: TestContext): Promise<{ readonly host: string; readonly port: number }> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

checkConformance('tcp', tcp, [
  { name: 'something listens', given: listening, status: 'pass', found: /^connected after \d+ ms$/ },
  {
    name: 'nothing listens',
    async given(t) {
      const place = await listening(t);
      const gone = createServer().listen(0, '127.0.0.1');
      await once(gone, 'listening');
      const { port } = gone.address() as AddressInfo;
      gone.close();
      return { ...place, port };
    },
    status: 'fail',
    found: /refused/,
    fix: /^see that what listens at 127\.0\.0\.1:\d+ runs .*firewall/,
  },
  {
    name: 'a name that does not exist',
    given: () => ({ host: 'nowhere.invalid', port: 1 }),
    status: 'fail',
    found: /name/,
  },
]);

test('tcp: whoever is called off says nothing of the port', async (t) => {
  const stop = new AbortController();
  stop.abort();
  const config = tcp.schema.parse(await listening(t));
  await assert.rejects(tcp.run(config, await contextFor(t, { signal: stop.signal })), { name: 'AbortError' });
});
