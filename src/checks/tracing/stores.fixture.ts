import type { TestContext } from 'node:test';
import { answering } from '../http-answers.fixture.ts';

/** Traces in a store; those of a test that measures come while it runs. */
export type Traces = { readonly count: () => number };

const idOf = (index: number): string => index.toString(16).padStart(32, '0');

/** Jaeger's query service, as its HTTP JSON API is known (jaegertracing.io/docs, "APIs"). */
export function jaeger(t: TestContext, traces: Traces, services: readonly string[] | null = ['shop']): Promise<string> {
  return answering(t, (path, query) => {
    const rest = { total: 0, limit: 0, offset: 0, errors: null };
    if (path === '/api/services') return { body: { data: services, ...rest } };
    if (path !== '/api/traces') return undefined;
    if (!query.get('service'))
      return { status: 400, body: { data: null, errors: [{ code: 400, msg: 'parameter service is required' }] } };
    if (!/^\d{16}$/.test(query.get('start') ?? ''))
      return { status: 400, body: { data: null, errors: [{ code: 400, msg: 'start' }] } };
    const count = Math.min(traces.count(), Number(query.get('limit')));
    const data = Array.from({ length: count }, (_, i) => ({ traceID: idOf(i), spans: [], processes: {}, warnings: null }));
    return { body: { data, ...rest } };
  });
}

/** Tempo as its HTTP API is documented (grafana.com/docs/tempo, "Tempo HTTP API"). */
export function tempo(t: TestContext, traces: Traces, isReady = true): Promise<string> {
  return answering(t, (path, query) => {
    if (path === '/ready')
      return isReady ? { type: 'text/plain', body: 'ready' } : { status: 503, type: 'text/plain', body: 'not ready' };
    if (path !== '/api/search') return undefined;
    if (query.get('q') !== '{resource.service.name="shop"}')
      return { status: 400, type: 'text/plain', body: 'invalid TraceQL query' };
    if (!/^\d{10}$/.test(query.get('start') ?? '')) return { status: 400, type: 'text/plain', body: 'invalid start' };
    const count = Math.min(traces.count(), Number(query.get('limit')));
    const found = Array.from({ length: count }, (_, i) => ({
      traceID: idOf(i),
      rootServiceName: 'shop',
      rootTraceName: 'GET /',
      startTimeUnixNano: '1764352800000000000',
      durationMs: 5,
    }));
    return { body: { traces: found, metrics: { inspectedBytes: '1' } } };
  });
}

/** An OTLP receiver over HTTP (OTLP specification 1.x). */
export function collector(t: TestContext): Promise<string> {
  return answering(t, (path, _, { method, headers }, body) => {
    if (path !== '/v1/traces') return undefined;
    if (method !== 'POST') return { status: 405, type: 'text/plain', body: '405 method not allowed, supported: [POST]' };
    if (headers['content-type'] !== 'application/json')
      return {
        status: 415,
        type: 'text/plain',
        body: '415 unsupported media type, supported: [application/json, application/x-protobuf]',
      };
    return Array.isArray(JSON.parse(body).resourceSpans) ? { body: { partialSuccess: {} } } : { status: 400, body: { code: 3 } };
  });
}
