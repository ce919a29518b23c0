import { z } from 'zod';
import { oneKind } from '../../spec/choice.ts';
import { program } from '../program.ts';

const names = z.array(z.string().min(1).max(200)).min(1).max(500);

/** Alerts are defined, quiet, and reach somebody. */
export const AlertsConfig = oneKind('alerts', {
  own: z
    .strictObject({
      objectives: names
        .optional()
        .describe('Objectives that need an alert, by name; default: every one of the service, and one at least.'),
      urgency: z
        .enum(['page', 'chat', 'email'])
        .default('page')
        .describe('How urgent the most urgent alert of each has to be, at least.'),
    })
    .describe('The objectives in the document of the service have alerts.'),
  rules: z
    .strictObject({
      path: z.string().min(1).max(4_000).describe('A rule file (YAML), or a folder with them; relative to the document.'),
      names: names.optional().describe('Alerts that are defined there; default: one at least.'),
    })
    .describe('Rule files of Prometheus define the alerts.'),
  quiet: z
    .strictObject({
      urgencies: z
        .array(z.enum(['page', 'chat', 'email']))
        .min(1)
        .default(['page', 'chat', 'email'])
        .describe('Which alerts must not fire.'),
    })
    .describe('No alert of the service fires now.'),
  alertmanager: program('the address of an Alertmanager, such as http://alertmanager:9093', {
    receivers: names.optional().describe('Receivers that it has, by name; default: one at least that tells somebody.'),
  }).describe('An Alertmanager is ready and tells somebody.'),
}).describe('Alerts are defined, and reach somebody.');
export type AlertsConfig = z.output<typeof AlertsConfig>;
