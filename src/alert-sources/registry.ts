import { grafana } from './grafana/index.ts';
import type { AlertSourcePlugin } from './source.ts';
import { webhook } from './webhook/index.ts';

/** Every kind of program that tells of alerts: the key is its name in an AlertSource document and its folder here. */
export const alertSources = { grafana, webhook } as const satisfies Record<string, AlertSourcePlugin>;
