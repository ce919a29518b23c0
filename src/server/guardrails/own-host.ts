import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { UserError } from '../../errors.ts';

/** What asks by whatever name its configuration gives, and learns nothing that helps anybody. */
const forEverybody = new Set(['/health', '/ready', '/metrics', '/status']);

/**
 * Refuses a browser that was led here under a name that is not this server's: a page of another site can make its own name lead to
 * 127.0.0.1 (DNS rebinding) and then ask as if it were the console. An address in digits cannot be led anywhere, and a program that
 * brings a token knows whom it asks.
 *
 * @param names - Hosts that are this server's own, in small letters and without a port.
 */
export function ownHostOnly(app: FastifyInstance, names: readonly string[]): void {
  app.addHook('onRequest', async ({ headers, url }) => {
    const host = hostOf(headers.host ?? '');
    const path = url.split('?')[0] ?? '';
    // Customers ask for the status page by whatever name it has, and it is nobody's secret.
    if (headers.authorization !== undefined || forEverybody.has(path) || path.startsWith('/status/')) return;
    if (host === 'localhost' || host.endsWith('.localhost') || isIP(host) !== 0 || names.includes(host)) return;
    throw new UserError('E_MISDIRECTED', `this is not ${host === '' ? 'a server without a name' : host.slice(0, 200)}`, {
      where: 'Host',
      fix: 'open it at its address, or name its host in `publicUrl` of the Controller document',
    });
  });
}

/** The host of a `Host` header: without its port, and without the brackets of an IPv6 address. */
function hostOf(header: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header.toLowerCase()) ?? [];
  return bracketed ?? plain ?? header.toLowerCase();
}
