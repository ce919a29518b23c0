import http from 'node:http';

/** Largest answer that is read: a handler with 20,000 upstreams has a fiftieth of it. */
const answerBytesMax = 32 * 1_048_576;

/** What the admin API answered, whatever it is. */
export type Reply = { readonly status: number; readonly body: string; readonly etag: string | undefined };

/** One call of the admin API and its whole answer; rejects with the system's errors. */
export function exchange(url: string, options: http.RequestOptions, body = ''): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { ...options.headers, 'content-length': Buffer.byteLength(body) };
    // A connection of its own for each call: every change of the configuration closes those that are idle.
    const request = http.request(url, { ...options, agent: false, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > answerBytesMax) request.destroy(new Error('an answer without an end'));
      });
      response.on('error', reject);
      response.on('end', () =>
        // Caddy works the ETag out while it writes, so it comes after the body.
        resolve({ status: response.statusCode ?? 0, body: text, etag: response.trailers.etag ?? response.headers.etag }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}
