import type { FastifyInstance } from 'fastify';

/**
 * Whoever asks first whether to send a body (`Expect: 100-continue`) is not told to go on with one that is refused for its length: it hears
 * the refusal in place of it, and sends nothing.
 *
 * @param isTooLarge - By the path that is asked, and the length in bytes.
 */
export function refuseBeforeContinue(app: FastifyInstance, isTooLarge: (path: string, length: number) => boolean): void {
  app.server.on('checkContinue', (request, response) => {
    if (!isTooLarge(request.url ?? '', Number(request.headers['content-length'] ?? 0))) response.writeContinue();
    app.server.emit('request', request, response);
  });
}
