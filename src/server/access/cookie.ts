/** Name of the session's cookie. */
export const cookieName = 'rampart_session';

/** The session's secret in a `Cookie` header; undefined when there is none. Of several the first counts, as the narrowest path has it. */
export function sessionIn(header: string | undefined): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (part.slice(0, at).trim() === cookieName) return part.slice(at + 1).trim();
  }
  return undefined;
}

/**
 * The `Set-Cookie` header of a session: scripts cannot read it, and no other site can make a browser send it.
 *
 * @param secret - null takes the cookie away.
 * @param maxMs - How long the browser keeps it.
 * @param isSecure - Whether it is only ever sent over https.
 */
export function sessionCookie(secret: string | null, maxMs: number, isSecure: boolean): string {
  const seconds = secret === null ? 0 : Math.floor(maxMs / 1_000);
  return `${cookieName}=${secret ?? ''}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`;
}
