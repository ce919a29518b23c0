import { hostPort } from '../spec/host-port.ts';
import type { SmokeCheck } from '../spec/types.ts';
import type { Instance } from '../targets/target.ts';
import { causeOf } from './hooks.ts';
import type { Outcome } from './ports.ts';

/** What is read of an answer to look for a text in it. */
const bodyMax = 1_048_576;

/** Asks every instance every check, past the router. All have to be answered as stated; the first that is not is named. */
export async function smoke(
  instances: readonly Instance[],
  checks: readonly SmokeCheck[],
  signal: AbortSignal,
): Promise<Outcome> {
  if (instances.length === 0) return { ok: false, detail: 'no instance is running' };
  const answers = await Promise.all(instances.map((instance) => smokeInstance(instance, checks, signal)));
  const failed = answers.find((answer) => !answer.ok);
  return (
    failed ?? {
      ok: true,
      detail: `${checks.length} of ${checks.length} checks pass on ${instances.length === 1 ? 'its instance' : `all ${instances.length} instances`}`,
    }
  );
}

async function smokeInstance(instance: Instance, checks: readonly SmokeCheck[], signal: AbortSignal): Promise<Outcome> {
  for (const check of checks) {
    const outcome = await ask(instance, check, signal);
    if (!outcome.ok) return outcome;
  }
  return { ok: true, detail: '' };
}

async function ask({ id, endpoint }: Instance, check: SmokeCheck, signal: AbortSignal): Promise<Outcome> {
  const what = `${check.method} ${check.path} on ${id}`;
  if (endpoint === null) return { ok: false, detail: `${id} has no address` };
  try {
    const limits = AbortSignal.any([signal, AbortSignal.timeout(check.timeoutMs)]);
    const response = await fetch(`http://${hostPort(endpoint)}${check.path}`, {
      method: check.method,
      signal: limits,
      redirect: 'manual',
    });
    if (response.status !== check.status) {
      await response.body?.cancel();
      return { ok: false, detail: `${what} answered ${response.status}, not ${check.status}` };
    }
    if (check.contains === null) {
      await response.body?.cancel();
      return { ok: true, detail: what };
    }
    return (await holds(response, check.contains))
      ? { ok: true, detail: what }
      : { ok: false, detail: `${what} answered without ${JSON.stringify(check.contains)}` };
  } catch (error) {
    return {
      ok: false,
      detail:
        error instanceof Error && error.name === 'TimeoutError'
          ? `${what} gave no answer within ${check.timeoutMs} ms`
          : `${what}: ${causeOf(error)}`,
    };
  }
}

async function holds(response: Response, text: string): Promise<boolean> {
  let body = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    body += decoder.decode(chunk, { stream: true });
    if (body.includes(text)) return true;
    if (body.length > bodyMax) return false;
  }
  return false;
}
