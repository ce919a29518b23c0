import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/**
 * Gives every JSON answer to a GET a strong ETag, and answers 304 without a body to whoever has it already. Nothing may keep it
 * without asking again.
 *
 * @see RFC 9110, 8.8.3 (ETag) and 13.1.2 (If-None-Match).
 */
export function entityTags(api: FastifyInstance): void {
  api.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || typeof payload !== 'string' || reply.statusCode !== 200) return payload;
    const tag = `"${hash('sha1', payload, 'base64url')}"`;
    // What a route says must not be kept at all stays that.
    void reply.headers({ etag: tag, 'cache-control': reply.getHeader('cache-control') ?? 'private, no-cache' });
    if (!hasTag(request.headers['if-none-match'], tag)) return payload;
    void reply.code(304).removeHeader('content-length').removeHeader('content-type');
    return '';
  });
}

/** Whether a list of tags has this one, or is a star. Weak ones count: the comparison for a GET is the weak one. */
export function hasTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(',', 100).some((part) => {
    const one = part.trim();
    return one === '*' || (one.startsWith('W/') ? one.slice(2) : one) === tag;
  });
}
