import { defineCheck } from '../check.ts';
import { type Answer, httpClient, isFailure, shownUrl } from '../http-client.ts';
import { type Finding, resultOf } from '../sentences.ts';
import { allowedPoint, foreignPoint, lookAlikes } from './judge.ts';
import { CorsConfig } from './schema.ts';

/** Which pages of other origins may read the answers. */
export const cors = defineCheck({
  title: { en: 'CORS', ru: 'CORS' },
  schema: CorsConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const client = httpClient(config.tls, context);
    const { url, allowed, within: withinMs } = config;
    try {
      const expected =
        allowed === '*'
          ? { en: 'everybody may read, without credentials', ru: 'читать могут все, без credentials' }
          : { en: `${allowed.join(', ')} may read, and nobody else`, ru: `читать могут ${allowed.join(', ')} и больше никто` };
      // A browser sends a preflight without any of these.
      const given = client.headers(config);
      const wantedHeaders = config.requestHeaders.map((name) => name.toLowerCase()).join(',');
      const ask = (origin: string, kind: 'preflight' | 'request') =>
        kind === 'request'
          ? client.ask({ url, method: 'GET', headers: { ...given, origin }, withinMs })
          : client.ask({
              url,
              method: 'OPTIONS',
              headers: {
                origin,
                'access-control-request-method': config.method,
                ...(wantedHeaders === '' ? {} : { 'access-control-request-headers': wantedHeaders }),
              },
              withinMs,
            });
      type Judge = (kind: 'preflight' | 'request', answer: Answer) => Finding;
      const own = allowed === '*' ? ['https://anybody.example'] : allowed;
      const tries: readonly [origin: string, judge: Judge][] = [
        ...own.map((origin): [string, Judge] => [origin, (kind, answer) => allowedPoint(origin, config, kind, answer)]),
        ...[...config.foreign, ...lookAlikes(config)].map((origin): [string, Judge] => [
          origin,
          (_, answer) => foreignPoint(origin, config, answer),
        ]),
      ];
      const points: Finding[] = [];
      for (const [origin, judge] of tries)
        for (const kind of ['preflight', 'request'] as const) {
          const answer = await ask(origin, kind);
          // Whoever does not answer once would not answer all the others either.
          if (isFailure(answer)) return resultOf(shownUrl(url), expected, [...points, { status: 'fail', ...answer }]);
          points.push(judge(kind, answer));
        }
      return resultOf(shownUrl(url), expected, points);
    } finally {
      client.close();
    }
  },
});
