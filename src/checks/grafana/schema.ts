import { z } from 'zod';
import { oneKind } from '../../spec/choice.ts';
import { program } from '../program.ts';

const dashboards = {
  dashboards: z
    .array(z.string().min(1).max(200))
    .max(200)
    .default([])
    .describe('Dashboards that have to be there, by uid or title; none: any will do.'),
  min: z.int().min(1).max(10_000).default(1).describe('Dashboards with panels, at least.'),
};

/** Dashboards are there: in Grafana, or in files. */
export const GrafanaConfig = oneKind('grafana', {
  server: program('the address of Grafana, such as http://grafana:3000', {
    ...dashboards,
    folder: z.string().min(1).max(200).optional().describe('Folder of Grafana that they are in, by title; default: any.'),
  }).describe(
    'Grafana itself is asked. A token is named: headers: { Authorization: { env: GRAFANA_TOKEN, prefix: "Bearer " } }.',
  ),
  files: z
    .strictObject({
      path: z
        .string()
        .min(1)
        .max(4_000)
        .describe('A dashboard (JSON), a provisioning file (YAML), or a folder with them; relative to the document.'),
      ...dashboards,
    })
    .describe('Dashboards and provisioning files are read.'),
}).describe('Dashboards of Grafana are there, and show something.');
export type GrafanaConfig = z.output<typeof GrafanaConfig>;
