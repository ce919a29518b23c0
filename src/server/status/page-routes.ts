import type { FastifyInstance } from 'fastify';
import { type StatusFiles, statusFiles } from '../../views/status/files.ts';
import type { StatusPageView } from '../../views/status/page-view.ts';
import type { ServerOptions } from '../options.ts';
import { statusAnswer } from './answer.ts';
import { formMaxBytes } from './subscription-path.ts';

/** Where the page is on the controller's own address. */
export const statusBase = '/status';

/** The status page under `/status`, for everybody, from memory. */
export function statusPageRoutes(
  app: FastifyInstance,
  { statusPage: keeper, subscribing }: Pick<ServerOptions, 'statusPage' | 'subscribing'>,
): void {
  let view: StatusPageView | null = null;
  let files: StatusFiles | null = null;
  const stop = keeper.listen((next) => {
    view = next;
    files = null;
  });
  app.addHook('onClose', async () => stop());
  // Written when somebody asks for the first time since it has changed, and then kept.
  const current = (): StatusFiles | null => {
    if (files === null && view !== null) files = statusFiles(view, statusBase);
    return files;
  };
  for (const path of [statusBase, `${statusBase}/*`])
    app.get<{ Params: { '*'?: string }; Querystring: { lang?: string | string[] } }>(
      path,
      { schema: { hide: true } },
      (request, reply) => {
        const { lang } = request.query;
        const { code, headers, body } = statusAnswer(current(), {
          path: `/${request.params['*'] ?? ''}`,
          lang: typeof lang === 'string' ? lang : null,
          acceptLanguage: request.headers['accept-language'],
          ifNoneMatch: request.headers['if-none-match'],
        });
        // Without a length: that of an answer without a body is not that of the page (RFC 9110, 8.6).
        return reply
          .code(code)
          .headers(headers)
          .send(code === 304 ? null : body);
      },
    );
  app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formMaxBytes },
      (_, body, done) => done(null, body),
    );
    // A program for mail may name no type for the one line that it sends (RFC 8058).
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: formMaxBytes }, (_, body, done) => done(null, body));
    for (const path of ['/subscribe', '/subscribe/confirm', '/unsubscribe'])
      scope.route({
        method: ['GET', 'POST'],
        url: `${statusBase}${path}`,
        exposeHeadRoute: false,
        schema: { hide: true },
        handler: async (request, reply) => {
          const { code, headers, body } = await subscribing(
            {
              method: request.method === 'POST' ? 'POST' : 'GET',
              path,
              query: request.url.split('?', 2)[1] ?? '',
              body: typeof request.body === 'string' ? request.body : '',
              address: request.ip,
              acceptLanguage: request.headers['accept-language'],
            },
            statusBase,
          );
          return reply.code(code).headers(headers).send(body);
        },
      });
  });
}
