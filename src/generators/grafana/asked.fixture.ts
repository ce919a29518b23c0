import assert from 'node:assert/strict';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

/** One query of a dashboard as Prometheus gets it from Grafana. */
export type Asked = { readonly where: string; readonly expr: string; readonly isNow: boolean };

/** What a query has found: labels and newest value of each series. */
export type Found = readonly { readonly metric: Readonly<Record<string, string>>; readonly value: number }[];

/** Asks a Prometheus what Grafana would ask it for a dashboard. */
export class AsGrafana {
  readonly #url: string;
  /** Scrape interval that the source of data is set to, in seconds. */
  readonly #everyS: number;

  constructor(url: string, everyS: number) {
    this.#url = url;
    this.#everyS = everyS;
  }

  /** Every query of its panels and annotations, with its variables replaced. */
  async queries(dashboard: Dashboard): Promise<readonly Asked[]> {
    const values = await this.#variables(dashboard);
    const replaced = (text: string): string =>
      text
        .replaceAll('$__rate_interval', `${4 * this.#everyS}s`)
        .replaceAll('$__range', '1800s')
        .replace(/\$(?!\d)(\w+)|\$\{(\w+)\}/g, (_, bare, braced) => {
          const value = values.get(bare ?? braced);
          assert(value !== undefined, `${dashboard.title} has no variable ${bare ?? braced}, which ${text} names`);
          return value;
        });
    const panels = (dashboard.panels ?? []).flatMap((panel) =>
      panel.type === 'row' || !('targets' in panel)
        ? []
        : (panel.targets ?? []).map((target) => {
            const { expr, instant = false } = target as { readonly expr?: string; readonly instant?: boolean };
            assert(expr, `${dashboard.title}: ${panel.title} has a query without an expression`);
            return { where: `${dashboard.title} / ${panel.title}`, expr: replaced(expr), isNow: instant };
          }),
    );
    const annotations = (dashboard.annotations?.list ?? []).map(({ name, expr }) => {
      assert(expr);
      return { where: `${dashboard.title} / ${name}`, expr: replaced(expr), isNow: false };
    });
    return [...panels, ...annotations];
  }

  /** @returns What was found, or what Prometheus has against the query. */
  async ask({ expr, isNow }: Pick<Asked, 'expr' | 'isNow'>, nowS = Math.floor(Date.now() / 1_000)): Promise<Found | string> {
    const form = isNow
      ? { query: expr, time: String(nowS) }
      : { query: expr, start: String(nowS - 60), end: String(nowS), step: '1' };
    const answer = await this.#get<{
      result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[];
    }>(isNow ? 'query' : 'query_range', form);
    if (typeof answer === 'string') return answer;
    return answer.result.map(({ metric, value, values }) => ({ metric, value: Number((value ?? values?.at(-1))?.[1]) }));
  }

  /** As Grafana has them after loading: what is current where that is among the values, else the first; several as alternatives. */
  async #variables({ templating }: Dashboard): Promise<ReadonlyMap<string, string>> {
    const values = new Map<string, string>();
    for (const { type, name, query, current, allValue } of templating?.list ?? []) {
      if (type !== 'query') continue;
      const text = typeof query === 'string' ? query : String(query?.query);
      const [, match, label] = /^label_values\((.*), (\w+)\)$/.exec(text) ?? [];
      assert(match && label, `no query of label values: ${text}`);
      const found = await this.#get<string[]>(`label/${label}/values`, { 'match[]': match });
      assert(typeof found !== 'string', `${text}: ${found}`);
      const chosen = [current?.value ?? []].flat();
      const known = chosen.filter((value) => found.includes(value));
      values.set(name, chosen.includes('$__all') ? String(allValue) : (known.length > 0 ? known : found.slice(0, 1)).join('|'));
    }
    return values;
  }

  async #get<T>(path: string, form: Readonly<Record<string, string>>): Promise<T | string> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(form)}`, {
      signal: AbortSignal.timeout(10_000),
    });
    const { status, data, error, warnings } = (await response.json()) as {
      status: string;
      data: T;
      error?: string;
      warnings?: string[];
    };
    return status === 'success' && !warnings ? data : `${error ?? warnings?.join('; ')}`;
  }
}
