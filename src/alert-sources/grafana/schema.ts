import { z } from 'zod';
import { headerName, oneProof, proofSettings } from '../proof.ts';

/** Alerts of Grafana's own rules, by a contact point of the type webhook. */
export const GrafanaConfig = z
  .strictObject({
    ...proofSettings,
    header: headerName
      .default('X-Grafana-Alerting-Signature')
      .describe('Header of the signature, as the contact point names it (Grafana 12 and later).'),
    timestampHeader: headerName
      .optional()
      .describe('Header of the time of signing, as the contact point names it. With it a replay is refused for certain.'),
  })
  .superRefine(oneProof)
  .describe('Grafana Alerting: a contact point of the type webhook.');
export type GrafanaConfig = z.output<typeof GrafanaConfig>;
