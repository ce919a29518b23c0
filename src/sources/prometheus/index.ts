import { defineSource } from '../source.ts';
import { openEvents } from './events.ts';
import { promqlProblem } from './query-problem.ts';
import { PrometheusConfig } from './schema.ts';
import { openSource } from './source.ts';
import { writtenConfig } from './written.ts';

/** Asks anything that has Prometheus' HTTP query API. See README.md. */
export const prometheus = defineSource({
  schema: PrometheusConfig,
  written: writtenConfig,
  queryProblem: ({ versionLabel }, use, text) => promqlProblem(versionLabel, use, text),
  create: openSource,
  events: openEvents,
});
