import type { Generator } from './generator.ts';
import { grafana } from './grafana/index.ts';
import { prometheus } from './prometheus/index.ts';

/** Every generator: the key is its name on the command line, and its folder's. */
export const generators: Readonly<Record<string, Generator>> = { grafana, prometheus };
