import type { NotifierPlugin } from './notifier.ts';
import { webhook } from './webhook/index.ts';

/** Every kind of receiver: the key is its name in a Notifier document and its folder here. */
export const notifiers = { webhook } as const satisfies Record<string, NotifierPlugin>;
