import type { Text } from '../../spec/text.ts';
import { type CheckContext, defineCheck } from '../check.ts';
import { type Answer, type HttpClient, httpClient, isFailure, shownUrl } from '../http-client.ts';
import { type Finding, resultOf } from '../sentences.ts';
import { redirectPoint } from './judge.ts';
import { HttpsRedirectConfig } from './schema.ts';

/** More of them are a loop, or as slow as one. */
const redirectsMax = 5;

/** Nobody stays on http://. */
export const httpsRedirect = defineCheck({
  title: { en: 'HTTP leads to HTTPS', ru: 'Перенаправление HTTP на HTTPS' },
  schema: HttpsRedirectConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 30_000,
  async run(config, context) {
    const client = httpClient(config.tls, context);
    const expected: Text = config.permanent
      ? { en: 'a permanent redirect to https://', ru: 'постоянное перенаправление на https://' }
      : { en: 'a redirect to https://', ru: 'перенаправление на https://' };
    try {
      return resultOf(shownUrl(config.url), expected, await points(config, client, context));
    } finally {
      client.close();
    }
  },
});

async function points(config: HttpsRedirectConfig, client: HttpClient, { signal }: CheckContext): Promise<readonly Finding[]> {
  const first = await client.ask({ url: config.url, withinMs: config.within });
  if (isFailure(first)) {
    if (config.closed && first.code === 'ECONNREFUSED')
      return [{ status: 'pass', text: { en: 'nothing listens at http://', ru: 'по http:// ничто не слушает' } }];
    return [{ status: 'fail', ...first }];
  }
  const found = redirectPoint(config, first.status, first.headers.location);
  if (found.status !== 'pass' || !config.answers) return [found];
  let answer: Answer = first;
  for (let redirects = 0; redirects < redirectsMax; redirects++) {
    signal.throwIfAborted();
    const next = isRedirect(answer) ? URL.parse(answer.headers.location ?? '', answer.url) : null;
    if (!next) return [found, answered(answer)];
    if (next.protocol !== 'https:')
      return [
        {
          status: 'fail',
          text: {
            en: `${shownUrl(answer.url)} leads back to ${next.protocol}//`,
            ru: `${shownUrl(answer.url)} ведёт обратно на ${next.protocol}//`,
          },
          fix: { en: 'lead to https:// addresses alone', ru: 'перенаправляйте только на адреса https://' },
        },
      ];
    const got = await client.ask({ url: next.href, withinMs: config.within });
    if (isFailure(got)) return [{ status: 'fail', ...got }];
    answer = got;
  }
  return [
    {
      status: 'fail',
      text: { en: `there is no end after ${redirectsMax} redirects`, ru: `${redirectsMax} перенаправлений, и конца нет` },
      fix: { en: 'lead to the address that answers in one step', ru: 'ведите на отвечающий адрес за один шаг' },
    },
  ];
}

function isRedirect({ status, headers }: Answer): boolean {
  return status >= 300 && status < 400 && headers.location !== undefined;
}

function answered({ url, status }: Answer): Finding {
  const text = { en: `${shownUrl(url)} is answered with ${status}`, ru: `ответ ${shownUrl(url)}: ${status}` };
  if (status < 500) return { status: 'pass', text };
  return { status: 'fail', text, fix: { en: 'see why the service fails there', ru: 'выясните, почему сервис там не работает' } };
}
