import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { ControllerSpec } from '../../spec/controller.ts';

/**
 * What every answer says to a browser: run only this server's own scripts and styles, ask only this server, be in nobody's frame, tell
 * nobody where one came from. Pages of other sites may ask only where the document names their origin, and then with a token: the
 * session's cookie is never sent for them.
 *
 * @see OWASP Secure Headers Project; W3C Content Security Policy Level 3; Fetch Standard, 3.2 (CORS protocol).
 */
export function securityHeaders(app: FastifyInstance, { publicUrl, cors: { origins } }: ControllerSpec): void {
  app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'manifest-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // Over plain HTTP a browser ignores it, and on a laptop it would lock out whatever else listens there.
    hsts: publicUrl?.startsWith('https:') ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
  });
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()');
  });
  if (origins.length > 0)
    app.register(cors, {
      origin: [...origins],
      credentials: false,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-none-match', 'last-event-id', 'accept-language'],
      exposedHeaders: [
        'etag',
        'retry-after',
        'idempotency-replayed',
        'ratelimit-limit',
        'ratelimit-remaining',
        'ratelimit-reset',
      ],
      maxAge: 600,
    });
}
