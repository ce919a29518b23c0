import type { FastifyInstance } from 'fastify';
import type { StatusKeeper } from '../../runtime/status/status-keeper.ts';
import { type StatusFiles, statusFiles } from '../../views/status/files.ts';
import type { StatusPageView } from '../../views/status/page-view.ts';
import { statusAnswer } from './answer.ts';

/** Where the page is on the controller's own address. */
export const statusBase = '/status';

/** The status page under `/status`, for everybody, from memory. */
export function statusPageRoutes(app: FastifyInstance, keeper: Pick<StatusKeeper, 'listen'>): void {
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
        return reply.code(code).headers(headers).send(body);
      },
    );
}
