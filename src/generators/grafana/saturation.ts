import { anyObject } from '../../sources/prometheus/exporters/exporter.ts';
import { type SaturationSignal, saturationSignals } from '../../spec/signal-levels.ts';
import type { SignalQuery } from '../../spec/signal-policy.ts';
import type { ServiceSpec } from '../../spec/types.ts';

/** How full something is, as PromQL. */
export type Saturation = {
  readonly signal: SaturationSignal;
  readonly title: string;
  readonly what: string;
  readonly expr: string;
  readonly legend?: string;
  readonly unit: 'percentunit' | 'short';
};

type Known = Omit<Saturation, 'signal' | 'expr'>;

/** Processes of the service whose own metrics are scraped. */
const own = 'job=~"$job"';
const disks = 'fstype!~"tmpfs|overlay|squashfs|ramfs|iso9660|rootfs"';

const known: Readonly<Record<SaturationSignal, Known & { readonly by: readonly string[] }>> = {
  cpu: {
    title: 'CPU',
    what: 'Processor time of the instances, of what they may have; of a process that is only scraped, of one processor.',
    unit: 'percentunit',
    by: [`sum by (instance) (rate(process_cpu_seconds_total{${own}}[$__rate_interval]))`],
  },
  memory: {
    title: 'Memory',
    what: 'Memory of the instances, of what they may have.',
    unit: 'percentunit',
    by: [`process_resident_memory_bytes{${own}} / on () group_left () max(node_memory_MemTotal_bytes)`],
  },
  disk: {
    title: 'Disk',
    what: 'The fullest file system.',
    unit: 'percentunit',
    by: [`max by (instance, mountpoint) (1 - node_filesystem_avail_bytes{${disks}} / node_filesystem_size_bytes{${disks}})`],
  },
  fileDescriptors: {
    title: 'File descriptors',
    what: 'Open files and sockets, of as many as a process may have.',
    unit: 'percentunit',
    by: [`max by (instance) (process_open_fds{${own}} / process_max_fds{${own}})`],
  },
  connections: {
    title: 'Network connections',
    what: 'Open connections.',
    unit: 'short',
    by: [],
  },
  databasePool: {
    title: 'Database pool',
    what: 'Connections of the pool in use, of as many as it may have; else those of PostgreSQL itself. spec.signals.databasePool names your own query.',
    unit: 'percentunit',
    by: [
      `sum by (db_client_connection_pool_name) (db_client_connection_count{${own},db_client_connection_state="used"}) / sum by (db_client_connection_pool_name) (db_client_connection_max{${own}})`,
      `sum by (pool) (hikaricp_connections_active{${own}}) / sum by (pool) (hikaricp_connections_max{${own}})`,
      'sum by (instance) (pg_stat_activity_count) / max by (instance) (pg_settings_max_connections)',
    ],
  },
  queue: {
    title: 'Queue',
    what: 'Jobs that wait, of as many as can. spec.signals.queue names the query: no common metric has both.',
    unit: 'percentunit',
    by: [],
  },
};

/** The seven signals of saturation: by the document's own query, else by what the controller reads, else by what is usually scraped. */
export function saturationOf(spec: ServiceSpec): readonly Saturation[] {
  return saturationSignals.map((signal) => {
    const { by, ...text } = known[signal];
    const query = spec.signals?.queries[signal];
    if (query) return { signal, ...text, what: `${text.what} By the query of the document.`, expr: shareOf(query) };
    const metric = text.unit === 'percentunit' ? 'rampart_saturation_ratio' : 'rampart_saturation_used';
    const tried = [`${metric}{service="${spec.name}",signal="${signal}"}`, ...more(spec, signal), ...by];
    return {
      signal,
      ...text,
      expr: firstOf(tried),
      legend: '{{instance}} {{mountpoint}}{{pod}}{{db_client_connection_pool_name}}{{pool}}',
    };
  });
}

/** A signal of the document as it is shown: of its limit where it has one. */
export function shareOf({ gauge, limit }: SignalQuery): string {
  if (limit === null) return gauge;
  return typeof limit === 'number' ? `(${gauge}) / ${limit}` : `(${gauge}) / scalar(${limit})`;
}

/** The first of several queries that has any series. */
function firstOf(queries: readonly string[]): string {
  return queries.map((query) => `(${query})`).join(' or on () ');
}

/** What is known of where the versions run, and of who splits the requests. */
function more({ name, target, router }: ServiceSpec, signal: SaturationSignal): readonly string[] {
  if (signal === 'connections' && router.kind === 'builtin') return [`rampart_router_client_connections{service="${name}"}`];
  if (target.kind !== 'kubernetes') return [];
  const { namespace = 'default' } = target.config as { readonly namespace?: string };
  const pods = `namespace="${namespace}",pod=~"${anyObject(name)}-.+"`;
  const limits = (resource: string) => `sum by (pod) (kube_pod_container_resource_limits{${pods},resource="${resource}"})`;
  if (signal === 'cpu')
    return [`sum by (pod) (rate(container_cpu_usage_seconds_total{${pods},container!=""}[$__rate_interval])) / ${limits('cpu')}`];
  if (signal === 'memory')
    return [`sum by (pod) (container_memory_working_set_bytes{${pods},container!=""}) / ${limits('memory')}`];
  return [];
}
