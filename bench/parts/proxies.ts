import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../src/system/free-port.ts';
import type { Workplace } from './processes.ts';
import { until } from './wait.ts';

/** A program that serves on a port, and whose processor time is read from its process. */
export type Serving = { readonly port: number; readonly pid: number };

const startMaxMs = 10_000;
/** As many as wrk and the benches ever ask for on one connection. */
const unlimited = 100_000_000;

/** What everybody stands in front of: nginx with a small body from memory. */
export async function startBackend(place: Workplace, nginx: string, signal: AbortSignal): Promise<Serving> {
  const server = (port: number): string =>
    `server { listen 127.0.0.1:${port}; location / { default_type application/json; return 200 '${'x'.repeat(110)}'; } }`;
  return await startNginx(place, nginx, 'backend', server, signal);
}

/** nginx as a proxy with one worker. */
export async function startNginxProxy(place: Workplace, nginx: string, backend: number, signal: AbortSignal): Promise<Serving> {
  const server = (port: number): string => `
    upstream backend { server 127.0.0.1:${backend}; keepalive 128; keepalive_requests ${unlimited}; }
    server { listen 127.0.0.1:${port}; location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; } }`;
  return await startNginx(place, nginx, 'nginx', server, signal);
}

/** HAProxy with one thread. */
export async function startHaproxy(place: Workplace, haproxy: string, backend: number, signal: AbortSignal): Promise<Serving> {
  const port = await freePort();
  const file = join(place.folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  option http-keep-alive
  http-reuse always
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  server one 127.0.0.1:${backend}
`,
  );
  const child = place.start(haproxy, ['-db', '-f', file]);
  await answering(port, signal);
  return { port, pid: child.pid ?? 0 };
}

async function startNginx(
  place: Workplace,
  nginx: string,
  name: string,
  server: (port: number) => string,
  signal: AbortSignal,
): Promise<Serving> {
  const port = await freePort();
  const folder = join(place.folder, name);
  mkdirSync(folder);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log warn;
events { worker_connections 4096; }
http { access_log off; keepalive_requests ${unlimited}; ${temporary.join(' ')} ${server(port)} }
`,
  );
  // As it is: the temporary folder is private to us, and nginx would hand its worker to a user who may not read it.
  const user = process.getuid?.() === 0 ? ['-g', 'user root;'] : [];
  const child = place.start(nginx, ['-p', folder, '-c', file, '-e', join(folder, 'error.log'), ...user]);
  await answering(port, signal);
  return { port, pid: child.pid ?? 0 };
}

/** Waits until somebody takes connections on the port. */
async function answering(port: number, signal: AbortSignal): Promise<void> {
  await until(`an answer on port ${port}`, startMaxMs, signal, () => {
    return new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  });
}
