import { defineSource } from '../source.ts';
import { openEvents } from './events.ts';
import { promqlProblem } from './query-problem.ts';
import { PrometheusConfig } from './schema.ts';
import { openSource } from './source.ts';

/** Asks anything that has Prometheus' HTTP query API. See README.md. */
export const prometheus = defineSource({
  schema: PrometheusConfig,
  queryProblem: ({ versionLabel }, use, text) => promqlProblem(versionLabel, use, text),
  create: openSource,
  events: openEvents,
});
