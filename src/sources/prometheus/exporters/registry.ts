import type { z } from 'zod';
import { oneKind } from '../../../spec/choice.ts';
import type { ExporterQueries } from './exporter.ts';
import { haproxy } from './haproxy.ts';
import { ingressNginx } from './ingress-nginx.ts';
import { istio } from './istio.ts';
import { nginx } from './nginx.ts';

/** Every exporter that can be named: the key is its name in a document. */
const exporters = { haproxy, 'ingress-nginx': ingressNginx, istio, nginx };

/** Which exporter counts the requests of the service. */
export const ExporterChoice = oneKind('exporter', {
  haproxy: haproxy.schema,
  'ingress-nginx': ingressNginx.schema,
  istio: istio.schema,
  nginx: nginx.schema,
});
export type ExporterChoice = z.output<typeof ExporterChoice>;

/** The queries of the exporter that was chosen. */
export function exporterQueries({ kind, config }: ExporterChoice, versionLabel: string): ExporterQueries {
  // The schema of the same key has made the configuration.
  return exporters[kind].queries(config as never, versionLabel);
}
