import type { Connection } from '../../spec/connection.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { lookAt, statusText } from '../program-client.ts';
import { type Finding, resultOf, sentence } from '../sentences.ts';

const path = '/v1/traces';

/**
 * A collector takes traces over HTTP: it is sent an export without any (OTLP 1.x, `POST /v1/traces`), which changes nothing there.
 * 200 is the only answer that means taken.
 */
export async function takesTraces(config: Connection, context: CheckContext): Promise<CheckResult> {
  const expected = sentence('200 to an empty export at $', '200 на пустой экспорт по $', path);
  return await lookAt('the collector', config, expected, context, async ({ ask, where }) => {
    const at = new URL(config.url).pathname.endsWith(path) ? '' : path;
    const reply = await ask(at, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [] }),
    });
    return resultOf(where, expected, [findingOf(reply.status, statusText(path, reply))]);
  });
}

function findingOf(status: number, said: ReturnType<typeof statusText>): Finding {
  if (status === 200) return { status: 'pass', text: { en: 'an empty export is taken', ru: 'пустой экспорт принят' } };
  const fix =
    status === 415
      ? { en: 'let the collector take JSON, or put one in front that does', ru: 'включите в сборщике приём JSON' }
      : { en: 'enable the OTLP receiver over HTTP (port 4318)', ru: 'включите в сборщике приём OTLP по HTTP (порт 4318)' };
  return { status: 'fail', text: said, fix };
}
