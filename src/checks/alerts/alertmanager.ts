import { z } from 'zod';
import type { Connection } from '../../spec/connection.ts';
import { readYaml } from '../../spec/yaml-source.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { lookAt, statusText } from '../program-client.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';

const status = z.object({ config: z.object({ original: z.string() }) });
const integrations = z.record(z.string(), z.unknown());
const configuration = z.object({
  route: z.object({ receiver: z.string() }),
  receivers: z.array(z.intersection(z.object({ name: z.string() }), integrations)).nullish(),
});

/** An Alertmanager is ready, and has receivers that tell somebody (`GET /-/ready`, `GET /api/v2/status`). */
export async function atAlertmanager(
  config: Connection & { readonly receivers?: readonly string[] | undefined },
  context: CheckContext,
): Promise<CheckResult> {
  const { receivers: wanted } = config;
  const expected = wanted
    ? sentence('ready, with the receivers $', 'готов, с получателями $', listed(wanted))
    : { en: 'ready, with a receiver that tells somebody', ru: 'готов, и есть получатель, который кого-то оповещает' };
  return await lookAt('Alertmanager', config, expected, context, async ({ ask, json, where }) => {
    const ready = await ask('/-/ready');
    const findings: Finding[] = [readiness(ready.status, statusText('/-/ready', ready))];
    const { original } = (await json(status, '/api/v2/status')).config;
    const parsed = configuration.safeParse(readYaml(original, 'alertmanager.yml').documents[0]?.value);
    const figures = { receivers: parsed.data?.receivers?.length ?? 0 };
    findings.push(...(parsed.success ? receiversIn(parsed.data, wanted) : [unreadable]));
    return resultOf(where, expected, findings, figures);
  });
}

function readiness(code: number, said: ReturnType<typeof statusText>): Finding {
  if (code === 200) return { status: 'pass', text: { en: 'it is ready', ru: 'он готов' } };
  return {
    status: 'fail',
    text: said,
    fix: { en: 'see the log of Alertmanager', ru: 'посмотрите журнал Alertmanager' },
  };
}

const unreadable: Finding = {
  status: 'unproven',
  text: { en: 'its configuration cannot be read', ru: 'его конфигурацию не удалось прочитать' },
  fix: { en: 'see what amtool check-config says', ru: 'посмотрите, что говорит amtool check-config' },
};

function receiversIn(
  { route, receivers }: z.output<typeof configuration>,
  wanted: readonly string[] | undefined,
): readonly Finding[] {
  const telling = new Set((receivers ?? []).filter((one) => tellsSomebody(one)).map(({ name }) => name));
  const known = new Set((receivers ?? []).map(({ name }) => name));
  const findings = (wanted ?? []).map((name): Finding => {
    if (telling.has(name)) return { status: 'pass', text: sentence('$ is there', '$: есть', name) };
    const fix = sentence('configure the receiver $', 'настройте получателя $', name);
    return known.has(name)
      ? { status: 'fail', text: sentence('$ tells nobody', '$ никого не оповещает', name), fix }
      : { status: 'fail', text: sentence('there is no receiver $', 'получателя $ нет', name), fix };
  });
  if (telling.size === 0)
    findings.push({
      status: 'fail',
      text: { en: 'no receiver tells anybody', ru: 'ни один получатель никого не оповещает' },
      fix: {
        en: 'give a receiver a way to people, such as webhook_configs or email_configs',
        ru: 'задайте получателю способ оповещения, например webhook_configs или email_configs',
      },
    });
  else if (!wanted) findings.push({ status: 'pass', text: sentence('receivers: $', 'получатели: $', listed([...telling])) });
  if (telling.size > 0 && !telling.has(route.receiver))
    findings.push({
      status: 'warn',
      text: sentence(
        'alerts that no route takes go to $, which tells nobody',
        'алерты без маршрута идут в $, который никого не оповещает',
        route.receiver,
      ),
      fix: { en: 'let the first route lead to somebody', ru: 'направьте корневой маршрут тому, кто оповещает' },
    });
  return findings;
}

/** Every integration is a list named after it, such as `webhook_configs`. */
function tellsSomebody(receiver: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(receiver).some(([key, value]) => key.endsWith('_configs') && Array.isArray(value) && value.length > 0);
}
