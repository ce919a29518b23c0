import { objectName } from '../../src/kubernetes/names.ts';

/** What a version has served in a test. */
export type Served = { readonly n: number; readonly errors: number; readonly slow: number };
export const quiet: Served = { n: 0, errors: 0, slow: 0 };

/** What the exporters of the routers say, in the format of their documents: fast requests take 40 ms, slow ones 400 ms. */
export class Exporters {
  readonly served = { '1.0.0': { n: 500, errors: 5, slow: 50 } as Served, '1.1.0': quiet };

  serve(version: keyof Exporters['served'], { n, errors, slow }: Served): void {
    const before = this.served[version];
    this.served[version] = { n: before.n + n, errors: before.errors + errors, slow: before.slow + slow };
  }

  text(path: string): string {
    const versions = ['1.0.0', '1.1.0'] as const;
    if (path === '/istio') return versions.map((version) => this.#istio(version)).join('');
    if (path === '/ingress') return versions.map((version) => this.#ingress(version)).join('');
    if (path === '/log') return versions.map((version) => this.#log(version)).join('');
    // nginx-prometheus-exporter over stub_status.
    return `nginx_up 1\nnginx_http_requests_total ${versions.reduce((sum, version) => sum + this.served[version].n, 0)}\n`;
  }

  /** Beside the service's own: its callers' view of the same requests, and another service. */
  #istio(version: keyof Exporters['served']): string {
    const workload = objectName('shop', version);
    const labels = (reporter: string, destination: string, code: number) =>
      `reporter="${reporter}",source_workload="web",source_workload_namespace="default",destination_workload="${destination}",destination_workload_namespace="default",destination_app="shop",destination_version="${version}",destination_service="shop.default.svc.cluster.local",destination_service_name="shop",destination_service_namespace="default",destination_canonical_service="shop",destination_canonical_revision="${version}",request_protocol="http",response_code="${code}",response_flags="-",connection_security_policy="mutual_tls"`;
    return [
      this.#histogram('istio_requests_total', 'istio_request_duration_milliseconds', 1, version, (code) =>
        labels('destination', workload, code),
      ),
      this.#histogram('istio_requests_total', 'istio_request_duration_milliseconds', 1, version, (code) =>
        labels('source', workload, code),
      ),
      `istio_requests_total{${labels('destination', 'cart', 500).replaceAll('"shop', '"cart')}} 9000\n`,
    ].join('');
  }

  #ingress(version: keyof Exporters['served']): string {
    const canary = version === '1.1.0' ? `default-${objectName('shop', version)}-80` : '';
    const service = objectName('shop', '1.0.0');
    const labels = (ingress: string, code: number) =>
      `canary="${canary}",controller_class="k8s.io/ingress-nginx",controller_namespace="ingress-nginx",controller_pod="ingress-nginx-controller-0",host="shop.example",ingress="${ingress}",method="GET",namespace="default",path="/",service="${service}",status="${code}"`;
    return [
      this.#histogram(
        'nginx_ingress_controller_requests',
        'nginx_ingress_controller_request_duration_seconds',
        1_000,
        version,
        (code) => labels('shop', code),
      ),
      `nginx_ingress_controller_requests{${labels('cart', 502)}} 9000\n`,
    ].join('');
  }

  #log(version: keyof Exporters['served']): string {
    const labels = (code: number) => `method="GET",status="${code}",version="${version}"`;
    return this.#histogram('edge_http_response_count_total', 'edge_http_response_time_seconds_hist', 1_000, version, labels);
  }

  #histogram(
    counter: string,
    histogram: string,
    unitMs: number,
    version: keyof Exporters['served'],
    labels: (code: number) => string,
  ): string {
    const { n, errors, slow } = this.served[version];
    const parts = [
      { labels: labels(200), n: n - errors, slow },
      { labels: labels(503), n: errors, slow: 0 },
    ];
    return parts
      .filter((part) => part.n > 0)
      .map((part) => {
        const edges: readonly [string, number][] = [
          [String(50 / unitMs), part.n - part.slow],
          [String(500 / unitMs), part.n],
          ['+Inf', part.n],
        ];
        const buckets = edges.map(([le, count]) => `${histogram}_bucket{${part.labels},le="${le}"} ${count}\n`).join('');
        return `${counter}{${part.labels}} ${part.n}\n${buckets}${histogram}_sum{${part.labels}} 1\n${histogram}_count{${part.labels}} ${part.n}\n`;
      })
      .join('');
  }
}
