import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Served } from './access/server.fixture.ts';

const built = new URL('../../web/dist/index.html', import.meta.url);

/** Everything that is said to a path that no client would send as it is. */
function asItIs(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n`),
    );
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('data', (chunk) => (said += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.once('close', () => resolve(said));
  });
}

describe('the files of the console', () => {
  const server = new Served();
  before(async () => {
    assert(existsSync(built), 'the console is not built: npm run build:console');
    await server.up();
  });
  after(() => server.close());
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${server.host.url}${path}`, { headers });

  test('its page is asked for anew each time, its assets are kept for ever and come compressed', async () => {
    const page = await get('/');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.equal(page.headers.get('cache-control'), 'no-cache');
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
    assert(assets.length >= 2, html);
    for (const path of assets) {
      const asset = await get(path, { 'accept-encoding': 'br' });
      assert.equal(asset.status, 200, path);
      assert.match(asset.headers.get('cache-control') ?? '', /immutable/);
      // A small one is not worth a second file.
      const { length } = await asset.text();
      if (length >= 1_024) assert.equal(asset.headers.get('content-encoding'), 'br', path);
    }
    // Nothing in it is from another host, and nothing runs that is not in a file.
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//);
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|\sstyle=/);
  });

  test('an address of the console is the console, and what is not there is said to whoever asks for no page', async () => {
    for (const path of ['/releases/shop-1', '/services/shop', '/audit', '/welcome']) {
      const page = await get(path, { accept: 'text/html' });
      assert.deepEqual([page.status, await page.text()], [200, readFileSync(built, 'utf8')], path);
    }
    for (const path of ['/nothing', '/favicon.ico', '/assets/none.js']) {
      const answer = await get(path, { accept: '*/*' });
      assert.equal(answer.status, 404, path);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, path);
    }
    for (const path of ['/api/v1/nothing', '/auth/nothing', '/assets/none.js'])
      assert.notEqual((await get(path, { accept: 'text/html' })).status, 200, path);
  });

  test('no path leads out of their folder', async () => {
    const port = Number(new URL(server.host.url).port);
    for (const path of [
      '/../package.json',
      '/..%2fpackage.json',
      '/assets/../../package.json',
      '/assets/..%2f..%2fpackage.json',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/assets/..\\..\\package.json',
      '/%2e%2e%5cpackage.json',
      '//etc/passwd',
      '/assets//etc/passwd',
      '/%00',
      '/built-from.txt%00.html',
      '/.git/config',
      '/assets/index.html/../../../../../../etc/passwd',
    ]) {
      const said = await asItIs(port, path);
      assert.doesNotMatch(said, /root:|"name": "rampart|\[core\]/, path);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1]);
      assert(status === 200 || (status >= 300 && status < 500), `${path}: ${said.slice(0, 200)}`);
      if (status === 200) assert(said.includes('<!doctype html>'), `${path}: ${said.slice(0, 300)}`);
    }
  });
});
