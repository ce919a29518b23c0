import { z } from 'zod';
import type { Connection } from '../../spec/connection.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { jsonOf } from '../json-pointer.ts';
import { lookAt, statusText } from '../program-client.ts';
import { type Finding, resultOf, sentence } from '../sentences.ts';
import { absent, compared, expectation } from './expectation.ts';

const evaluated = z.object({ value: z.unknown(), variant: z.string().optional(), reason: z.string().optional() });
const failed = z.object({ errorCode: z.string(), errorDetails: z.string().optional() });

type Ofrep = Connection & {
  readonly context: Readonly<Record<string, unknown>>;
  readonly expect: Readonly<Record<string, unknown>>;
};

/** Flags as a server evaluates them (OpenFeature Remote Evaluation Protocol 0.2, `POST /ofrep/v1/evaluate/flags/{key}`). */
export async function atOfrep(config: Ofrep, context: CheckContext): Promise<CheckResult> {
  const expected = expectation(config.expect);
  return await lookAt('the flag server', config, expected, context, async ({ ask, where }) => {
    const findings: Finding[] = [];
    for (const [key, wanted] of Object.entries(config.expect)) {
      const path = `/ofrep/v1/evaluate/flags/${encodeURIComponent(key)}`;
      const reply = await ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ context: config.context }),
      });
      findings.push(findingOf(key, wanted, reply.status, reply.body, statusText(path, reply)));
    }
    return resultOf(where, expected, findings);
  });
}

function findingOf(key: string, wanted: unknown, status: number, body: string, said: ReturnType<typeof statusText>): Finding {
  const json = jsonOf(body);
  const answer = evaluated.safeParse(json);
  if (status === 200 && answer.success) return compared(key, answer.data.value, wanted);
  const error = failed.safeParse(json);
  if (status === 404 && error.success) return absent(key, { en: 'the flag server', ru: 'сервере флагов' });
  return {
    status: 'fail',
    text: sentence('$: $', '$: $', key, said),
    fix: { en: 'see the log of the flag server', ru: 'посмотрите журнал сервера флагов' },
  };
}
