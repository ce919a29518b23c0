import type { FastifyRequest } from 'fastify';
import { UserError } from '../../errors.ts';

/**
 * Refuses a request that a page of another site has made a browser send.
 *
 * @param origins - Origins that are welcome beside the server's own, such as that of its public URL.
 * @throws UserError `E_CSRF`.
 * @see OWASP Cross-Site Request Forgery Prevention Cheat Sheet: Fetch Metadata, then the Origin header.
 */
export function assertSameSite({ headers }: FastifyRequest, origins: readonly string[]): void {
  const { origin } = headers;
  const isWelcome = origin !== undefined && origins.includes(origin);
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isWelcome) throw foreign(String(origin ?? site));
  // By host alone: behind a proxy that ends TLS the scheme is another one.
  if (origin !== undefined && !isWelcome && hostOf(origin) !== headers.host?.toLowerCase()) throw foreign(origin);
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

function foreign(from: string): UserError {
  return new UserError('E_CSRF', `this came from another site (${from.slice(0, 200)})`, {
    where: 'Origin',
    fix: 'open the console at its own address, and sign in there',
  });
}
