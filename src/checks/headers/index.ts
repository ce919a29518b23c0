import { defineCheck } from '../check.ts';
import { httpClient, isFailure, shownUrl } from '../http-client.ts';
import { type Finding, resultOf } from '../sentences.ts';
import { headerPoints, staticPoint } from './judge.ts';
import { HeadersConfig } from './schema.ts';

/** What a browser is told about how careful it has to be. */
export const headers = defineCheck({
  title: { en: 'Security headers', ru: 'Заголовки безопасности' },
  schema: HeadersConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const client = httpClient(config.tls, context);
    try {
      const given = client.headers(config);
      const answer = await client.ask({ url: config.url, headers: given, withinMs: config.within });
      const points: Finding[] = isFailure(answer) ? [{ status: 'fail', ...answer }] : [...headerPoints(config, answer.headers)];
      if (!isFailure(answer) && answer.status >= 500) points.push(broken(answer.status));
      for (const file of config.static) {
        // Only the server that the headers are meant for gets them.
        const own = new URL(file.url).origin === new URL(config.url).origin ? given : {};
        const found = await client.ask({ url: file.url, headers: own, withinMs: config.within });
        const path = new URL(file.url).pathname;
        if (isFailure(found)) points.push({ status: 'fail', ...found });
        else if (found.status !== 200) points.push(notThere(path, found.status));
        else points.push(staticPoint(file, path, found.headers));
      }
      const expected = { en: 'headers that make browsers careful', ru: 'заголовки, с которыми браузер осторожен' };
      if (points.length === 0) points.push({ status: 'pass', text: { en: 'nothing is asked', ru: 'ничего не проверяется' } });
      const wrong = points.filter(({ status }) => status !== 'pass').length;
      return resultOf(shownUrl(config.url), expected, points, { points: points.length, wrong });
    } finally {
      client.close();
    }
  },
});

/** What stands in front answers then, and not the service. */
function broken(status: number): Finding {
  return {
    status: 'unproven',
    text: {
      en: `the answer is ${status}, so nothing is known of its pages`,
      ru: `ответ ${status}, о самих страницах ничего не известно`,
    },
    fix: { en: 'see why the service fails there', ru: 'выясните, почему сервис там не работает' },
  };
}

function notThere(path: string, status: number): Finding {
  return {
    status: 'fail',
    text: { en: `${path} is answered with ${status}`, ru: `ответ на ${path}: ${status}` },
    fix: { en: 'name a file that is there', ru: 'укажите существующий файл' },
  };
}
