import type { PostableAlert } from '../../alerts/delivery.ts';
import { messageOf, systemCode } from '../../errors.ts';
import type { AlertmanagerSpec } from '../../spec/alertmanager.ts';
import { headerValues } from '../../spec/connection.ts';
import { pemFileText, readSecretFile } from '../../spec/text-file.ts';
import { agentKeeper, exchange, type Reply, tlsFailure } from '../../system/http-exchange.ts';
import { redactedText } from '../../views/redacted.ts';

/** What becomes of a message. `delivered`: with what time it was there (unix milliseconds; null: it does not say). `refused`: these alerts. `closed`: whatever is sent. `away`: it may be taken later. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly atMs: number | null }
  | { readonly kind: 'refused' | 'closed' | 'away'; readonly text: string };

/** Sends alerts to one Alertmanager. Never rejects. */
export type AlertmanagerClient = (alerts: readonly PostableAlert[], signal: AbortSignal) => Promise<Outcome>;

const textMax = 300;
/** Nobody needs more of an answer. */
const bodyBytesMax = 100_000;
/** It does not let this controller in, or there is no such API: another alert would fare no better. */
const closedStatus = new Set([401, 403, 404, 405, 407]);
const laterStatus = new Set([408, 425, 429]);

/** @param environment - Where the values of headers are read that the document names. */
export function alertmanagerClient(
  spec: AlertmanagerSpec,
  environment: Readonly<Record<string, string | undefined>>,
): AlertmanagerClient {
  const address = new URL(spec.url);
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/api/v2/alerts`;
  const agent = agentKeeper(spec, pemFileText);
  const post = async (headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Reply> => {
    const content = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = { method: 'POST', headers: { ...headers, ...content }, agent: agent(), signal };
    return await exchange(address, options, body, bodyBytesMax, () => new Error(`an answer has more than ${bodyBytesMax} bytes`));
  };
  return async (alerts, signal) => {
    const values = headerValues(spec, environment, readSecretFile);
    if ('missing' in values) return { kind: 'closed', text: `${values.place}: ${values.missing}; ${values.fix}` };
    // Also without what stands before it, such as `Bearer`.
    const secrets = Object.values(values.headers).flatMap((value) => [value, value.split(' ').at(-1) ?? value]);
    try {
      agent();
    } catch (error) {
      return { kind: 'closed', text: `a file of tls cannot be read: ${messageOf(error)}` };
    }
    const late = AbortSignal.timeout(spec.timeoutMs);
    const either = AbortSignal.any([signal, late]);
    const body = JSON.stringify(alerts);
    try {
      // A connection that was kept may have been given up at the other end, and the same message twice is one.
      const reply = await post(values.headers, body, either).catch((error) => {
        if (!/^(ECONNRESET|EPIPE)$/.test(systemCode(error) ?? '')) throw error;
        return post(values.headers, body, either);
      });
      return outcomeOf(reply, secrets);
    } catch (error) {
      if (late.aborted) return { kind: 'away', text: `no answer within ${spec.timeoutMs} ms` };
      const found = tlsFailure(error, 'it', 'tls');
      if (found) return { kind: 'closed', text: `${found.what}; ${found.fix}` };
      const code = systemCode(error);
      return { kind: 'away', text: `it cannot be reached: ${code === undefined ? '' : `${code} `}(${messageOf(error)})` };
    }
  };
}

function outcomeOf({ status, headers, body }: Reply, secrets: readonly string[]): Outcome {
  if (status >= 200 && status < 300)
    return { kind: 'delivered', atMs: headers.date === undefined ? null : Date.parse(headers.date) };
  const said = redactedText(body, secrets).replace(/\s+/g, ' ').trim().slice(0, textMax);
  const text = `it answers ${status}${said === '' ? '' : `: ${said}`}`;
  if (status >= 500 || laterStatus.has(status)) return { kind: 'away', text };
  return { kind: status < 400 || closedStatus.has(status) ? 'closed' : 'refused', text };
}
