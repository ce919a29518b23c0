import type { TestContext } from 'node:test';
import { answering } from '../http-answers.fixture.ts';

/** Loki as its HTTP API is documented (grafana.com/docs/loki, "Loki HTTP API"). */
export function loki(
  t: TestContext,
  state: { readonly ready?: boolean; readonly lines?: number; readonly config?: string } = {},
): Promise<string> {
  const {
    ready = true,
    lines = 2,
    config = 'limits_config:\n  retention_period: 90d\ncompactor:\n  retention_enabled: true\n',
  } = state;
  return answering(t, (path, query) => {
    switch (path) {
      case '/ready':
        return ready
          ? { type: 'text/plain', body: 'ready\n' }
          : { status: 503, type: 'text/plain', body: 'Ingester not ready: waiting for 15s after being ready\n' };
      case '/loki/api/v1/labels':
        return { body: { status: 'success', data: ['app', 'level'] } };
      case '/loki/api/v1/query_range': {
        const text = query.get('query') ?? '';
        if (!text.startsWith('{'))
          return { status: 400, type: 'text/plain', body: 'parse error at line 1, col 1: syntax error: unexpected IDENTIFIER' };
        const [start, end, limit] = ['start', 'end', 'limit'].map((name) => query.get(name) ?? '');
        if (!/^\d{19}$/.test(start ?? '') || !/^\d{19}$/.test(end ?? '')) return { status: 400, body: 'could not parse start' };
        const values = Array.from({ length: Math.min(lines, Number(limit)) }, (_, i) => [
          String(BigInt(end ?? 0) - BigInt(i)),
          'a line',
        ]);
        const result = values.length > 0 ? [{ stream: { app: 'shop' }, values }] : [];
        return { body: { status: 'success', data: { resultType: 'streams', result, stats: {} } } };
      }
      case '/config':
        return { type: 'text/plain', body: `target: all\n${config}` };
      default:
        return undefined;
    }
  });
}

export type SearchState = {
  readonly distribution?: 'opensearch';
  readonly status?: 'green' | 'yellow' | 'red';
  readonly count?: number;
  /** When lines are deleted; null: no policy. */
  readonly age?: string | null;
  readonly stream?: string;
};

/** Elasticsearch 8 or OpenSearch 2 as their reference pages are. */
export function searchStore(t: TestContext, state: SearchState = {}): Promise<string> {
  const { distribution, status = 'green', count = 12, age = '90d', stream } = state;
  return answering(t, (path, _, { method }, body) => {
    const hasIndex = path.includes('shop-logs');
    if (path === '/')
      return {
        body: { name: 'n', version: { number: distribution ? '2.11.0' : '8.15.0', ...(distribution ? { distribution } : {}) } },
      };
    if (path === '/_cluster/health')
      return {
        body: {
          cluster_name: 'logs',
          status,
          timed_out: false,
          number_of_nodes: 3,
          unassigned_shards: status === 'green' ? 0 : 5,
        },
      };
    if (path.endsWith('/_count')) {
      if (!hasIndex) return { status: 404, body: { error: { type: 'index_not_found_exception' }, status: 404 } };
      if (method !== 'POST' || !/"gte":"now-\d+s"/.test(body))
        return { status: 400, body: { error: { type: 'parsing_exception' } } };
      return { body: { count, _shards: { total: 1, successful: 1, skipped: 0, failed: 0 } } };
    }
    if (distribution) {
      const policyId = age === null ? null : 'shop-logs';
      if (path.startsWith('/_plugins/_ism/explain/'))
        return {
          body: { 'shop-logs-1': { 'index.plugins.index_state_management.policy_id': policyId }, total_managed_indices: 1 },
        };
      if (path === '/_plugins/_ism/policies/shop-logs')
        return {
          body: {
            _id: 'shop-logs',
            policy: {
              default_state: 'hot',
              states: [
                { name: 'hot', actions: [], transitions: [{ state_name: 'gone', conditions: { min_index_age: age } }] },
                { name: 'gone', actions: [{ delete: {} }], transitions: [] },
              ],
            },
          },
        };
      return undefined;
    }
    if (path.startsWith('/_data_stream/'))
      return stream === undefined
        ? { body: { data_streams: [] } }
        : { body: { data_streams: [{ name: 'shop-logs', lifecycle: { enabled: true, data_retention: stream } }] } };
    if (path.endsWith('/_settings')) {
      const name = stream === undefined ? 'shop-logs-1' : '.ds-shop-logs-2026.11.28-000001';
      const settings = age === null || stream !== undefined ? {} : { 'index.lifecycle.name': 'shop-logs' };
      return { body: { [name]: { settings } } };
    }
    if (path === '/_ilm/policy/shop-logs')
      return {
        body: {
          'shop-logs': {
            version: 1,
            policy: { phases: { hot: { min_age: '0ms', actions: {} }, delete: { min_age: age, actions: {} } } },
          },
        },
      };
    return undefined;
  });
}
