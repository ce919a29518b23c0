import { email } from './email/index.ts';
import type { NotifierPlugin } from './notifier.ts';
import { pagerduty } from './pagerduty/index.ts';
import { slack } from './slack/index.ts';
import { sms } from './sms/index.ts';
import { telegram } from './telegram/index.ts';
import { webhook } from './webhook/index.ts';

/** Every kind of receiver: the key is its name in a Notifier document and its folder here. */
export const notifiers = { email, pagerduty, slack, sms, telegram, webhook } as const satisfies Record<string, NotifierPlugin>;
