import type { PostableAlert } from '../../alerts/delivery.ts';
import { messageOf, systemCode } from '../../errors.ts';
import type { AlertmanagerSpec } from '../../spec/alertmanager.ts';
import { readSecretFile } from '../../spec/load.ts';
import { headerValues } from '../../spec/request-headers.ts';
import { redactedText } from '../../views/redacted.ts';

/** What becomes of a message. `refused`: these alerts. `closed`: whatever is sent. `away`: it may be taken later. */
export type Outcome = { readonly kind: 'delivered' } | { readonly kind: 'refused' | 'closed' | 'away'; readonly text: string };

/** Sends alerts to one Alertmanager. Never rejects. */
export type AlertmanagerClient = (alerts: readonly PostableAlert[], signal: AbortSignal) => Promise<Outcome>;

const textMax = 300;
/** As much of an answer is read; nobody needs more of it. */
const bodyBytesMax = 10_000;
/** It does not let this controller in, or there is no such API: another alert would fare no better. */
const closedStatus = new Set([401, 403, 404, 405, 407]);
const laterStatus = new Set([408, 425, 429]);

/** @param environment - Where the values of headers are read that the document names. */
export function alertmanagerClient(
  { url, headers, timeoutMs }: AlertmanagerSpec,
  environment: Readonly<Record<string, string | undefined>>,
): AlertmanagerClient {
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/api/v2/alerts`;
  return async (alerts, signal) => {
    const values = headerValues(headers, environment, readSecretFile);
    if ('missing' in values) return { kind: 'closed', text: `header ${values.name}: ${values.missing}; ${values.fix}` };
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(address, {
        method: 'POST',
        headers: { ...values.headers, 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
        // Another host must not get this one's secrets.
        redirect: 'manual',
        signal: AbortSignal.any([signal, late]),
      });
      // Also without what stands before it, such as `Bearer`.
      const secrets = Object.values(values.headers).flatMap((value) => [value, value.split(' ').at(-1) ?? value]);
      return outcomeOf(response.status, redactedText(await beginningOf(response), secrets));
    } catch (error) {
      return { kind: 'away', text: late.aborted ? `no answer within ${timeoutMs} ms` : causeOf(error) };
    }
  };
}

function outcomeOf(status: number, body: string): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const said = body.replace(/\s+/g, ' ').trim().slice(0, textMax);
  const text = `it answers ${status}${said === '' ? '' : `: ${said}`}`;
  if (status >= 500 || laterStatus.has(status)) return { kind: 'away', text };
  return { kind: status < 400 || closedStatus.has(status) ? 'closed' : 'refused', text };
}

async function beginningOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    bytes += part.byteLength;
    if (bytes > bodyBytesMax) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

/** `fetch` says only that it failed; what happened is its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = systemCode(cause);
  return code === undefined ? messageOf(cause) : `${code}${messageOf(cause) ? ` (${messageOf(cause)})` : ''}`;
}
