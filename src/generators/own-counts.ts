import type { BuiltinConfig } from '../routers/builtin/schema.ts';
import type { ServiceSpec } from '../spec/types.ts';

/** Metrics of ours that count the requests of a service by `service` and `version`. Times are in seconds. */
export type OwnCounts = {
  /** For people. */
  readonly by: 'router' | 'controller';
  readonly requests: string;
  readonly errors: { readonly name: string; readonly class?: 'not ok' };
  /** Name of a classic histogram, without what its parts end with. */
  readonly histogram: string;
  /** Requests that took longer than `than`, for each threshold of the document. */
  readonly slower: string;
};

/** What the built-in router tells Prometheus at `router.builtin.metrics`. */
const ofRouter: OwnCounts = {
  by: 'router',
  requests: 'rampart_router_request_duration_seconds_count',
  errors: { name: 'rampart_router_errors_total' },
  histogram: 'rampart_router_request_duration_seconds',
  slower: 'rampart_router_slower_total',
};

/** What the controller tells a Prometheus that shows it a token, whatever the router is. */
const ofController: OwnCounts = {
  by: 'controller',
  requests: 'rampart_requests_total',
  errors: { name: 'rampart_requests_total', class: 'not ok' },
  histogram: 'rampart_request_duration_seconds',
  slower: 'rampart_requests_slower_total',
};

/** Whether a Prometheus can ask the router itself. */
export function isScraped({ router }: ServiceSpec): boolean {
  return router.kind === 'builtin' && (router.config as Partial<BuiltinConfig>).metrics !== undefined;
}

/** What counts the requests of a service where its document names no Prometheus that does: the router, where it is scraped by itself. */
export function ownCounts(spec: ServiceSpec): OwnCounts {
  return isScraped(spec) ? ofRouter : ofController;
}
