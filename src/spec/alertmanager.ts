import { z } from 'zod';
import { type Connection, credentials, programUrl, refuseTwoCredentials } from './connection.ts';
import { duration } from './units.ts';

/** An Alertmanager that is sent the alerts of objectives, at its address without /api/v2. Times are milliseconds. */
export type AlertmanagerSpec = Connection & {
  /** Longest wait for one answer. */
  readonly timeoutMs: number;
  /** Each open alert is sent again this often. */
  readonly intervalMs: number;
  /** It ends an alert by itself when it has heard nothing of it for so long. */
  readonly resolveTimeoutMs: number;
  /** Where alerts lead to; null: to `publicUrl`, and where there is none, nowhere. */
  readonly generatorUrl: string | null;
};

/** How alerts of other programs are taken in. Times are milliseconds. */
export type ReceivedAlertsSpec = {
  /** An alert of the API without `endsAt` that is not sent again for so long is over. */
  readonly resolveTimeoutMs: number;
  /** The same for one of a webhook: Alertmanager repeats these at its `repeat_interval`. */
  readonly webhookTimeoutMs: number;
  /** Labels that may name a service, the first one first. */
  readonly serviceLabels: readonly string[];
  /** Its label that says how urgent it is, and the values that mean `page` and `chat`; any other is an `email`. */
  readonly severityLabel: string;
  readonly page: readonly string[];
  readonly chat: readonly string[];
  /** Those that may be open at once. */
  readonly max: number;
};

/** Fewer than three tries, and one lost message ends an alert. */
const triesMin = 3;

const alertmanager = z
  .strictObject({
    url: programUrl('the address of an Alertmanager, such as http://alertmanager:9093').meta({
      description: 'Address of the Alertmanager without /api/v2; a path before it is kept.',
      examples: ['http://alertmanager:9093'],
    }),
    ...credentials,
    timeout: duration({ minMs: 100, maxMs: 60_000, example: '5s' }).prefault('5s').describe('Longest wait for one answer.'),
    interval: duration({ minMs: 1_000, maxMs: 600_000, example: '30s' })
      .prefault('30s')
      .describe('Each open alert is sent again this often.'),
    resolveTimeout: duration({ minMs: 60_000, maxMs: 3_600_000, example: '5m' })
      .prefault('5m')
      .describe(
        'Alertmanager ends an alert by itself when it has heard nothing of it for so long, such as while the controller is away.',
      ),
    generatorUrl: programUrl('an address such as https://rampart.example')
      .optional()
      .describe('Where alerts lead to; left out: to the console at publicUrl.'),
  })
  .refine(({ interval, resolveTimeout }) => interval * triesMin <= resolveTimeout, {
    message: `expected at most a third of resolveTimeout, so that one lost message ends no alert`,
    path: ['interval'],
  })
  .superRefine(refuseTwoCredentials)
  .transform(({ timeout, interval, resolveTimeout, generatorUrl, ...connection }): AlertmanagerSpec => {
    const times = { timeoutMs: timeout, intervalMs: interval, resolveTimeoutMs: resolveTimeout };
    return { ...connection, ...times, generatorUrl: generatorUrl ?? null };
  });

/** Alertmanagers of a `Controller` document. Each one once: told twice, it would be sent everything twice. */
export const alertmanagers = z
  .array(alertmanager)
  .max(20)
  .superRefine((given: readonly unknown[], context) => {
    const seen = new Map<string, number>();
    for (const [index, one] of given.entries()) {
      const url = typeof one === 'object' && one !== null && 'url' in one ? String(one.url).replace(/\/+$/, '') : '';
      const first = seen.get(url);
      if (first === undefined) seen.set(url, index);
      else
        context.addIssue({ code: 'custom', message: `alertmanager ${first + 1} has this address already`, path: [index, 'url'] });
    }
  });

const labelName = z.string().min(1).max(200);
const severities = (...values: string[]) => z.array(z.string().max(200)).max(50).default(values);

/** How alerts of other programs are taken in: part of a `Controller` document. */
export const receivedAlerts = z
  .strictObject({
    resolveTimeout: duration({ minMs: 10_000, maxMs: 86_400_000, example: '5m' })
      .prefault('5m')
      .describe('An alert sent to /api/v2/alerts without endsAt is over when it is not sent again for so long.'),
    webhookTimeout: duration({ minMs: 60_000, maxMs: 2_592_000_000, example: '12h' })
      .prefault('12h')
      .describe('The same for alerts of the webhook: well above repeat_interval of Alertmanager (4h).'),
    serviceLabels: z
      .array(labelName)
      .max(20)
      .default(['service', 'job', 'app'])
      .describe('Labels that name the service of an alert, the first that names a known service counts.'),
    severityLabel: labelName.default('severity').describe('Label that says how urgent an alert is.'),
    page: severities('page', 'critical', 'P0').describe('Its values that are for paging somebody.'),
    chat: severities('warning', 'P1').describe('Its values that are for a chat; any other is for an e-mail.'),
    max: z.int().min(1).max(4_000).default(1_000).describe('Alerts of other programs that may be open at once.'),
  })
  .transform(({ resolveTimeout, webhookTimeout, ...others }): ReceivedAlertsSpec => {
    return { resolveTimeoutMs: resolveTimeout, webhookTimeoutMs: webhookTimeout, ...others };
  });
