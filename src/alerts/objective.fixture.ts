import type { Alert, AlertEvent } from './types.ts';

/** What comes on record when the alert of an objective's tier fires. */
export function fires(
  tier: string,
  more: Partial<Pick<Alert, 'silencedBy' | 'labels' | 'attribution'>> = {},
): readonly AlertEvent[] {
  const { silencedBy = null, attribution = null } = more;
  const key = `checkout/availability/${tier}`;
  const said = `in 1h 480 of 1,000 bad: ${tier}`;
  const labels = {
    alertname: 'ErrorBudgetBurn',
    service: 'checkout',
    slo: 'checkout/availability',
    tier,
    severity: 'page',
    ...more.labels,
  };
  return [
    {
      kind: 'alert-pending',
      actor: 'controller',
      data: {
        key,
        origin: 'objective',
        name: `availability ${tier}`,
        service: 'checkout',
        objective: 'checkout/availability',
        tier,
        urgency: 'page',
        said,
        labels,
        annotations: {},
        url: null,
      },
    },
    { kind: 'alert-fired', actor: 'controller', data: { key, said, silencedBy, attribution } },
  ];
}

/** What comes on record when it has ended. */
export function resolves(tier: string): readonly AlertEvent[] {
  return [{ kind: 'alert-resolved', actor: 'controller', data: { key: `checkout/availability/${tier}`, said: 'burn 0.2' } }];
}
